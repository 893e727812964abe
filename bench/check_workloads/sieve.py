"""The sieve of Eratosthenes, one element after the other."""

from two_threads import measure, scaled

LIMIT = scaled(4_000_000)
PRIMES = 283_146  # below the whole limit


def count_primes(limit: int) -> int:
    is_prime = [True] * limit
    is_prime[0] = is_prime[1] = False
    for number in range(2, int(limit**0.5) + 1):
        if is_prime[number]:
            for multiple in range(number * number, limit, number):
                is_prime[multiple] = False
    count = 0
    for number in range(limit):
        if is_prime[number]:
            count += 1
    return count


def work() -> int:
    return count_primes(LIMIT)


if __name__ == "__main__":
    for count in measure(work, work):
        assert count == PRIMES or LIMIT != 4_000_000, count
