"""What happens in a model while it trains?

`watcher` is the file to begin with: it says when one listens. `listening` hears the engine,
`layers` knows whose node that was, `counting` puts arrays into counts, `readings` holds what is
left of a sample. `table`, `figures`, `html` and `live` show it.
"""

from .readings import Reading, Sample
from .watcher import Watcher, watch

__all__ = ["Reading", "Sample", "Watcher", "watch"]
