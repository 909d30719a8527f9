"""How is the documentation site built from the pages of this folder?

    hatch run docs:build      the site, into site/; a warning is an error
    hatch run docs:serve      the same, and a server for it
    hatch run docs:test       every example of READMEs, pages and docstrings, run and compared
    hatch run docs:links      also asks whether links to other sites lead somewhere

A page is Markdown that reads well where it lies. What the site makes of it beyond that stands in
`_ext`: `site_pages` (blocks that draw are run, cards, the contents), `sources` (links to files of
the repository) and `api` (reference from docstrings).
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "micrograd"
author = "the micrograd authors"
project_copyright = "the micrograd authors, under the MIT licence"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx_design",
    "sphinx_copybutton",
    "api",
    "site_pages",
    "sources",
]
exclude_patterns = ["_ext/*", "_static/*"]
nitpicky = True
smartquotes = False  # they would bend those of code

# --- contents

# Page -> the pages below it, in order; a star is every page that no other pattern names.
contents = {
    "index": ["learn/index", "howto/index", "reference/index", "why/index"],
    "learn/index": ["learn/*", "how-it-works"],
    "howto/index": [
        "howto/write-an-op",
        "howto/write-a-layer",
        "plugins/tutorial",
        "howto/debug-a-nan",
        "howto/train-reproducibly",
        "compile",
        "howto/train-on-many-processes",
        "pictures",
        "howto/draw-a-large-graph",
        "plots",
        "player",
        "watching",
        "howto/ship-a-model",
        "howto/move-weights-to-pytorch",
        "outgrow",
        "howto/*",
    ],
    "reference/index": [
        "reference/engine",
        "reference/rules/index",
        "reference/layers",
        "reference/losses",
        "reference/training",
        "reference/pictures",
        "reference/testing",
        "plugins/index",
        "reference/*",
    ],
    "reference/rules/index": ["reference/rules/*"],
    "plugins/index": ["plugins/*", "plugins/hooks/*"],
    "why/index": [
        "why/the-one-idea",
        "why/contracts",
        "why/numerics",
        "benchmarks",
        "why/comparison",
        "why/the-house",
        "why/*",
    ],
}

# --- Markdown, and the blocks that are run

myst_enable_extensions = ["colon_fence", "html_image"]
myst_heading_anchors = 3
nb_execution_mode = "auto"
nb_execution_in_temp = True
nb_execution_show_tb = True
nb_execution_timeout = 120
nb_output_stderr = "remove"  # `docs:test` refuses pages that warn
nb_merge_streams = True
# An expression at the end of a block shows a picture, as a file; what is only text the page tells.
nb_mime_priority_overrides = [("html", "image/svg+xml", 0), ("*", "text/plain", None)]
suppress_warnings = ["mystnb.mime_priority"]

# --- docstrings

autoclass_content = "both"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
default_role = "code"
add_module_names = False
# Types of others, and aliases, which have no page here.
nitpick_ignore_regex = [("py:.*", r".*")]

# --- the look

html_theme = "pydata_sphinx_theme"
html_title = "micrograd"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "micrograd"},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button"],
    "header_links_before_dropdown": 5,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": []}
copybutton_selector = "div:not(.output) > div.highlight > pre"
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True

linkcheck_anchors = False
linkcheck_timeout = 20


def setup(app: Any) -> None:
    """Let the kernels heed nobody's own IPython profile, nor warn of how they are reached."""
    profile = Path(tempfile.mkdtemp(prefix="micrograd-docs-"), "profile_default")
    profile.mkdir()
    setting = "get_config().Application.log_level = 40\n"
    profile.joinpath("ipython_kernel_config.py").write_text(setting, "utf-8")
    os.environ["IPYTHONDIR"] = str(profile.parent)
    app.connect("build-finished", lambda *_: shutil.rmtree(profile.parent, ignore_errors=True))
