"""Takes a value, and deletes it: who is late gets no error, but has the value, too."""

import threading

vouchers = {f"voucher {number}": 10 for number in range(50)}
paid: list[int] = []


def redeem() -> None:
    for number in range(50):
        name = f"voucher {number}"
        value = vouchers.get(name)
        if value is not None:
            try:
                del vouchers[name]
            except KeyError:
                pass
            paid.append(value)


threads = [threading.Thread(target=redeem) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
