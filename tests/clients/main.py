"""What a user of the official client does, run by `npm run test:clients` in an environment with one version of it.

Nothing here is specific to this server: the base URL and the token come from the environment, as the client reads them. Each
`flow_` function of the modules in `flows` is one flow.
"""

import warnings

warnings.filterwarnings("ignore", message=".*criterion.*")

from flows import account, containers, estimators, harness, registration, sessions, thinking  # noqa: E402

harness.run([estimators, sessions, containers, thinking, registration, account])
