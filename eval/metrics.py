"""The metrics: what each means, and which way is better."""

from __future__ import annotations

MEANINGS = {
    "R@1": "相关文件中排在第 1 的份额",
    "R@5": "相关文件中进入前 5 的份额",
    "R@10": "相关文件中进入前 10 的份额",
    "R@100": "相关文件中进入前 100 的份额",
    "nDCG@10": "前 10 的归一化折损累积增益",
    "RR@10": "首个相关文件名次的倒数（前 10），均值即 MRR@10",
    "Success@1": "第 1 份就是相关文件的题目比例",
    "Success@5": "前 5 份中有相关文件的题目比例",
    "passage@5": "含答案的条款进入前 5 条",
    "passage_whole@5": "前 5 条中有一条含整个答案",
    "key_facts@5": "要点出现在前 5 条条款中的份额",
    "character_f1": "按字符计的 F1",
    "rouge_l": "按字符计的 ROUGE-L（F1）",
    "exact_match": "数字、日期归一后完全一致",
    "key_facts": "要点出现在回答中的份额",
    "key_facts_found": "要点出现在检索到的前 5 条条款中的份额",
    "right_figures": "标准答案中的数字出现在回答中的份额",
    "supported_figures": "回答中的数字出现在引文中的份额",
    "resolved_citations": "引文与所存原文逐字一致的份额",
    "citation_precision": "引文出自相关文件的份额",
    "citation_recall": "相关文件被引用的份额",
    "citation_hit": "至少引用了一份相关文件",
    "place_precision": "引文出自正确条款的份额",
    "place_hit": "至少引用了一处正确条款",
    "answered": "有答案的题目得到了回答",
    "status_right": "结束方式正确",
    "internal_leak": "向公众显示了内部文件的文字",
    "false_refusal": "有答案却拒答（现行门槛）",
    "withheld_refused": "抽走依据后拒答（现行门槛）",
    "unanswerable_refused": "无人能答的题目被拒答（现行门槛）",
    "near_miss_refused": "主题相近而无此内容的题目被拒答（现行门槛）",
    "auroc_withheld": "有依据与抽走依据的区分度（AUROC）",
    "auroc_unanswerable": "有依据与无人能答的区分度（AUROC）",
    "auroc_near_miss": "有依据与主题相近而无此内容的区分度（AUROC）",
    "auroc_withheld_sole": "同上，不计别处有相同原文的题目",
    "withheld_refused_sole@5%": "误拒 5% 时，抽走唯一依据的题目被拒答的比例",
    "withheld_refused@5%": "误拒 5% 时，抽走依据的题目被拒答的比例",
    "unanswerable_refused@5%": "误拒 5% 时，无人能答的题目被拒答的比例",
    "near_miss_refused@5%": "误拒 5% 时，主题相近而无此内容的题目被拒答的比例",
    "facts_kept": "事实中的数字、日期、文号写进了成稿",
    "missing_marked": "缺少的必填事实标为待补，且没有多标",
    "figures_in_place": "成稿中的数字出自事实或所引条款",
    "basis_right": "正文引用的依据都是应引的文件",
    "basis_hit": "引用或备选的依据中有正确的文件",
    "basis_allowed": "没有引用或备选失效的文件",
    "quotes_resolved": "依据与所存原文逐字一致的份额",
    "nothing_blocking": "没有违反规定的检查发现（事实齐全时）",
    "judge_correct": "评审模型认为回答正确",
    "judge_supported": "评审模型认为回答有引文支持",
    "p50_ms": "耗时中位数（毫秒）",
    "p95_ms": "耗时第 95 百分位（毫秒）",
}
_LOWER_IS_BETTER = frozenset({"internal_leak", "false_refusal", "p50_ms", "p95_ms"})
# What a report ranks the worst samples by: the first of these that the run has.
PRINCIPAL = (
    "key_facts",
    "rouge_l",
    "RR@10",
    "withheld_refused",
    "status_right",
    "figures_in_place",
)


def higher_is_better(name: str) -> bool:
    """Say whether a larger value of a metric is the better one."""
    return name not in _LOWER_IS_BETTER


def meaning(name: str) -> str:
    """Return what a metric measures, in a few words; empty for one without a note."""
    return MEANINGS.get(name, "")
