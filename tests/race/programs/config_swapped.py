"""A new configuration is made aside and put in place by one store; old readers keep theirs."""

import json
import threading

config: dict[str, int] = {"workers": 4, "version": 0}


def reload() -> None:
    global config
    for version in range(1, 30):
        fresh = {"workers": 4, "version": version}
        for feature in range(version):
            fresh[f"feature{feature}"] = version
        config = fresh


def request() -> None:
    for _ in range(20):
        current = config
        assert json.loads(json.dumps(current))["workers"] == 4
        assert len(current) == current["version"] + 2


threads = [threading.Thread(target=reload), threading.Thread(target=request)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
