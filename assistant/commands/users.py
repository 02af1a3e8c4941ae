"""`users`: accounts of the staff page; passwords are typed or piped, never an argument."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from corpus.console import advise, say
from corpus.errors import UsageError
from corpus.store import data_folder

if TYPE_CHECKING:
    from assistant.commands.common import Commands
    from assistant.staff.accounts import Accounts

ROLES = ("起草", "审核", "签发", "管理")


def add(commands: Commands) -> None:
    """Add the command and its options."""
    command = commands.add_parser("users", help="工作人员账号：添加、列出、停用、改密码")
    actions = command.add_subparsers(required=True, metavar="操作")
    adding = actions.add_parser("add", help="添加账号；密码在提示下输入，或从标准输入读取")
    adding.add_argument("name", metavar="用户名", help="登录用的名字")
    adding.add_argument(
        "--role",
        choices=ROLES,
        default=ROLES[0],
        metavar="角色",
        help=f"{'、'.join(ROLES)}（默认 {ROLES[0]}）",
    )
    adding.set_defaults(run=_add)
    actions.add_parser("list", help="列出账号").set_defaults(run=_list)
    disabling = actions.add_parser("disable", help="停用账号并结束它的登录")
    disabling.add_argument("name", metavar="用户名", help="登录用的名字")
    disabling.set_defaults(run=_disable)
    changing = actions.add_parser("password", help="重设密码，同时启用并解锁账号、结束它的登录")
    changing.add_argument("name", metavar="用户名", help="登录用的名字")
    changing.set_defaults(run=_password)


def _add(options: argparse.Namespace) -> int:
    from assistant.staff.workflow import Role

    with _accounts(options) as accounts:
        user = accounts.add(options.name, Role(options.role), _read_password())
    say(f"已添加 {user.name}（{user.role}）。登录地址：/staff/login")
    return 0


def _list(options: argparse.Namespace) -> int:
    with _accounts(options) as accounts:
        users = accounts.all()
    for user in users:
        say(f"{user.name}\t{user.role}\t{'已停用' if user.disabled else '可登录'}")
    if not users:
        advise("还没有账号；添加：python -m assistant users add 用户名 --role 起草")
    return 0


def _disable(options: argparse.Namespace) -> int:
    with _accounts(options) as accounts:
        accounts.disable(options.name)
    say(f"已停用 {options.name}，它的登录已结束。")
    return 0


def _password(options: argparse.Namespace) -> int:
    with _accounts(options) as accounts:
        accounts.find(options.name)
        accounts.set_password(options.name, _read_password())
    say(f"已重设 {options.name} 的密码，它的登录已结束。")
    return 0


@contextmanager
def _accounts(options: argparse.Namespace) -> Iterator[Accounts]:
    # SQLAlchemy and Argon2 load only for the commands that need them.
    from assistant.staff.accounts import Accounts
    from assistant.staff.database import StaffDatabase

    database = StaffDatabase(data_folder(options.data_dir))
    try:
        yield Accounts(database)
    finally:
        database.close()


def _read_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("密码（输入时不显示）：")
    if getpass.getpass("再输一次：") != password:
        raise UsageError("两次输入的密码不一样，没有保存；请重新运行同一条命令")
    return password
