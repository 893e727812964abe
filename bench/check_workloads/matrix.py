"""Two matrices multiplied, as lists of lists."""

from two_threads import measure, scaled

SIZE = 60
ROUNDS = scaled(50)
Matrix = list[list[int]]


def multiply(a: Matrix, b: Matrix) -> Matrix:
    size = len(a)
    product = [[0] * size for _ in range(size)]
    for i in range(size):
        for j in range(size):
            total = 0
            for k in range(size):
                total += a[i][k] * b[k][j]
            product[i][j] = total
    return product


def work() -> Matrix:
    a = [[i + j for j in range(SIZE)] for i in range(SIZE)]
    b = [[int(i == j) for j in range(SIZE)] for i in range(SIZE)]
    for _ in range(ROUNDS):
        a = multiply(a, b)
    return a


if __name__ == "__main__":
    for product in measure(work, work):
        assert all(product[i][j] == i + j for i in range(SIZE) for j in range(SIZE))
