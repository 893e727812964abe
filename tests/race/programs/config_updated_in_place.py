"""A configuration is changed where it is, key by key, while requests read it."""

import json
import threading

config: dict[str, int] = {"workers": 4, "version": 0}


def reload() -> None:
    for version in range(1, 30):
        config["version"] = version
        config[f"feature{version}"] = version


def request() -> None:
    for _ in range(20):
        try:
            json.dumps(config)
        except RuntimeError as error:
            print(error)


threads = [threading.Thread(target=reload), threading.Thread(target=request)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
