"""Words counted in dictionaries, in the two usual ways."""

from two_threads import measure, scaled

ROUNDS = scaled(12_000)
TEXT = "the quick brown fox jumps over the lazy dog and the cat sleeps while a mouse eats cheese"


def work() -> tuple[dict[str, int], dict[int, int]]:
    words = TEXT.split() * 10
    counts: dict[str, int] = {}
    lengths: dict[int, int] = {}
    for _ in range(ROUNDS):
        for word in words:
            counts[word] = counts.get(word, 0) + 1
            size = len(word)
            if size in lengths:
                lengths[size] += 1
            else:
                lengths[size] = 1
    return counts, lengths


if __name__ == "__main__":
    for counts, lengths in measure(work, work):
        assert counts["the"] == 3 * 10 * ROUNDS and counts["fox"] == 10 * ROUNDS
        assert sum(lengths.values()) == sum(counts.values())
