"""Each thread counts its own delay, and tells the longest through its future."""

from concurrent.futures import ThreadPoolExecutor, wait


def retry(times: int) -> int:
    delay = longest = 1
    for _ in range(times):
        delay = delay * 2 % 1023
        longest = max(longest, delay)
        delay += 1
    return longest


with ThreadPoolExecutor(max_workers=2) as pool:
    done, _ = wait([pool.submit(retry, times) for times in (10, 30)])
assert max(future.result() for future in done) > 500
