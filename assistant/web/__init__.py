"""What the web pages are made of: texts, HTML, styles and scripts; no framework is imported here."""
