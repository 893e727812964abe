"""Threads that begin together, and how often their calls met."""

import threading

from atonce._host.check.meeting import Meeting, count_meetings


def test_nobody_goes_on_before_all_have_come() -> None:
    meeting, seen = Meeting(3, patience=30), []

    def work(thread: int) -> None:
        for place in (1, 2):
            seen.append(place)
            meeting.come_to(place, thread)
        meeting.leave(thread)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)

    assert seen[:3] == [1, 1, 1]


def test_nobody_waits_for_who_has_left_nor_for_ever() -> None:
    meeting = Meeting(3, patience=0.01)

    meeting.leave(1)
    meeting.come_to(1, 0)  # the third never comes


def test_meetings_are_counted_between_threads_alone() -> None:
    one, two, three = [(0.0, 2.0), (3.0, 5.0)], [(1.0, 4.0)], [(10.0, 11.0)]

    assert count_meetings([one, two]) == 2
    assert count_meetings([one, three]) == 0
    assert count_meetings([one]) == 0
    assert count_meetings([one, two, three, [(10.5, 10.6)]]) == 3
    assert count_meetings([[(0.0, 1.0)], [(1.0, 2.0)]]) == 0
