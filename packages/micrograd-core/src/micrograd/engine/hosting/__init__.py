"""How are plugins found, checked, entered and named? `plugins.py` is the door to all of it.

| question | file |
|---|---|
| what is installed and wanted? | `discovery.py` |
| what does a plugin offer, and may it come in? | `admission.py` |
| when does it come in, and what if it is broken? | `host.py` |
| who hears of a running computation? | `listeners.py` |
| what became of it? | `record.py` |
| who owns a name? | `registry.py` |
| what can go wrong? | `errors.py` |
| how does an op become a method? | `methods.py` |
"""
