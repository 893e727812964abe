#include "check/advice.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "check/sides.h"

namespace atonce::check {
namespace {

std::string in_words(const Access& access) {
  const std::string_view what = access.op == "iterate"   ? "iteration"
                                : access.op == "read"    ? "read"
                                : access.op == "acquire" ? "acquisition"
                                                         : "write";
  return "the " + std::string(what) + " at " + short_place(access);
}

const Access* first_that(const Side& side, bool is_write) {
  const auto found = std::ranges::find_if(
      side, [is_write](const Access* each) { return writes(*each) == is_write; });
  return found == side.end() ? nullptr : *found;
}

bool reads_and_writes(const Side& side) {
  return first_that(side, true) != nullptr && first_that(side, false) != nullptr;
}

// The side that is seen to read and then to write comes first, else one that does both at once,
// if there is any: of what it does at once, the read may be on a line before.
std::vector<Side> compound_first(const Finding& finding) {
  std::vector<Side> sides = sides_of(finding);
  auto compound = std::ranges::find_if(sides, reads_and_writes);
  if (compound == sides.end()) {
    compound = std::ranges::find_if(
        sides, [](const Side& side) { return side.front()->op == "read_write"; });
  }
  if (compound != sides.end()) std::rotate(sides.begin(), compound, compound + 1);
  return sides;
}

// Of a test without what is done upon it.
std::string order_of_test(const Access& test, const Access& write) {
  return in_words(write) + " in the other thread may come between " + in_words(test) +
         " and what is done upon it: nothing orders it before the one or after the other";
}

std::string order_of_compound(const Side& compound, const Side& other) {
  const Access& read = *compound.front();
  const Access& write = *compound.back();
  const Access* const foreign = first_that(other, true);
  const Access& between = foreign != nullptr ? *foreign : *other.front();
  const std::string both = read.line == write.line && read.file == write.file
                               ? "the read and the write at " + short_place(read)
                               : in_words(read) + " and the write at " + short_place(write);
  return in_words(between) + " in the other thread may come between " + both +
         ": nothing orders it before the one or after the other";
}

std::string order_of_locks(const Finding& finding) {
  std::string text;
  for (const Access& access : finding.accesses) {
    if (access.locks.empty()) continue;
    text += (text.empty() ? "" : "; ") + in_backticks(std::vector{access.text}) + " is taken at " +
            short_place(access) + " while " + in_backticks(access.locks) + " is held";
  }
  return text + (text.empty() ? "" : ": each thread can wait for the other for ever");
}

// ---- advice

// Which locks guard the variable now, as far as the finding tells.
struct Guards {
  std::vector<std::string> common = {};  // held by all sides that hold one
  std::vector<std::string> known = {};   // held by some side
  const Access* without = nullptr;       // of a side that holds none: where the common one is not
};

void keep_those_in(std::vector<std::string>& locks, const std::vector<std::string>& others) {
  std::erase_if(locks, [&others](const std::string& lock) {
    return std::ranges::find(others, lock) == others.end();
  });
}

const Access* first_without(const Side& side, const std::string& lock) {
  const auto found = std::ranges::find_if(side, [&lock](const Access* access) {
    return std::ranges::find(access->locks, lock) == access->locks.end();
  });
  return found == side.end() ? nullptr : *found;
}

Guards guards_of(const std::vector<Side>& sides) {
  Guards guards;
  std::set<std::string> known;
  const Side* bare = nullptr;
  for (const Side& side : sides) {
    const std::vector<std::string> locks = locks_of(side);
    if (locks.empty()) {
      if (bare == nullptr) bare = &side;
      continue;
    }
    if (known.empty()) guards.common = locks;
    keep_those_in(guards.common, locks);
    known.insert(locks.begin(), locks.end());
  }
  guards.known.assign(known.begin(), known.end());
  if (bare != nullptr && !guards.common.empty()) {
    guards.without = first_without(*bare, guards.common.front());
  }
  return guards;
}

std::string lock_advice(const Finding& finding, const Guards& guards) {
  const bool is_compound = finding.kind != "data_race" && finding.kind != "iterate_mutate";
  const std::string span = finding.kind == "iterate_mutate" ? "while it iterates"
                           : is_compound                    ? "from the read to the write"
                                                            : "for each access";
  if (guards.without != nullptr) {
    return "take `" + guards.common.front() + "` at " + short_place(*guards.without) +
           " too, as the other side does, and hold it " + span;
  }
  if (!guards.common.empty()) {
    return "`" + guards.common.front() + "` is let go in between: hold it " + span;
  }
  if (!guards.known.empty()) {
    return "the sides hold different locks (" + in_backticks(guards.known) +
           "), which order nothing: guard `" + finding.variable + "` with one of them everywhere";
  }
  return "hold one lock (`threading.Lock()`), the same for all of `" + finding.variable + "`, " +
         span + " in every thread";
}

bool is_of_word(char each) {
  return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
         (each >= '0' && each <= '9') || each == '_';
}

// Not as the end of a word: "model is None" has no "del ".
bool has_code(std::string_view line, std::string_view code) {
  std::size_t at = line.find(code);
  while (at != std::string_view::npos && at > 0 && is_of_word(code.front()) &&
         is_of_word(line[at - 1])) {
    at = line.find(code, at + 1);
  }
  return at != std::string_view::npos;
}

bool any_line_has(const Finding& finding, Sources& sources, std::string_view code) {
  return std::ranges::any_of(
      places_of(finding), [&](const Place& place) { return has_code(sources.line(place), code); });
}

std::string text_of(const Finding& finding) {
  for (const Access& access : finding.accesses) {
    if (!access.text.empty()) return access.text;
  }
  return finding.variable;
}

std::string update_in_one_step(const Finding& finding, Sources& sources) {
  if (!any_line_has(finding, sources, "= 1") && !any_line_has(finding, sources, "+ 1")) {
    return "or let one thread own it, and send it the changes through a `queue.Queue`";
  }
  return "for numbers that only must differ, `next()` of an `itertools.count()` is one step; for a "
         "sum, count in each thread and add up after `join()`";
}

bool is_mapping(const Finding& finding) {
  if (finding.container == "UserDict") return false;  // its setdefault() is no one step
  return finding.container.ends_with("dict") || finding.container.ends_with("Dict") ||
         finding.container == "Counter";
}

std::string remove_in_one_step(const Finding& finding) {
  const std::string text = text_of(finding);
  if (is_mapping(finding)) return "or do it in one step: `" + text + ".pop(key, None)`";
  if (finding.container == "set") return "or do it in one step: `" + text + ".discard(item)`";
  return "or remove without asking first, and catch the error when it is not there";
}

std::string act_in_one_step(const Finding& finding, Sources& sources) {
  if (any_line_has(finding, sources, "del ") || any_line_has(finding, sources, ".remove(")) {
    return remove_in_one_step(finding);
  }
  if (any_line_has(finding, sources, ".pop(") || any_line_has(finding, sources, ".popleft(") ||
      any_line_has(finding, sources, ".popitem(")) {
    return "or take without asking first, and catch the `IndexError` or `KeyError`; a "
           "`queue.Queue` waits instead";
  }
  const bool is_queue = finding.container.ends_with("Queue");
  if (is_queue && any_line_has(finding, sources, "get")) {
    return "or take without asking first: `get_nowait()`, and catch `queue.Empty`; `get()` waits";
  }
  if (is_queue) {
    return "or put without asking first: `put_nowait()`, and catch `queue.Full`; `put()` waits";
  }
  if (is_mapping(finding)) {
    return "or do it in one step: `" + text_of(finding) + ".setdefault(key, value)`";
  }
  if (finding.container == "set") {
    return "or just add: that an item is there already does no harm; who has to know it keeps the "
           "items in a `dict`, whose `setdefault()` tests and puts in one step";
  }
  if (any_line_has(finding, sources, "len(")) {
    return "or count the places left with a `threading.Semaphore`: `acquire(blocking=False)` tests "
           "and takes in one step";
  }
  if (!finding.container.empty()) {
    return "or keep the items in a `dict`, whose `setdefault()` tests and puts in one step";
  }
  const bool is_made_once = any_line_has(finding, sources, " is None") ||
                            any_line_has(finding, sources, "if not ") ||
                            any_line_has(finding, sources, " or ");
  if (!is_made_once) return "";
  return "what is made once is best made before the threads start, or by `with lock:` around a "
         "second test";
}

// list() of these holds their own lock; of other containers it is an iteration as any other.
std::string copy_in_one_step(const Finding& finding) {
  const std::string text = text_of(finding);
  if (finding.container.ends_with("generator") || finding.container.ends_with("iterator")) {
    return "; or give each thread an iterator of its own, or hand the items out by a `queue.Queue`";
  }
  const bool is_builtin =
      finding.container == "list" || finding.container == "dict" || finding.container == "set";
  if (is_builtin) return ", or iterate over a copy: `list(" + text + ")` is one step";
  if (finding.container == "deque") {
    return ", or iterate over a copy: `" + text + ".copy()` is one step";
  }
  return ", or copy it under the lock and iterate over the copy";
}

std::string share_otherwise(const Finding& finding) {
  const std::vector<Side> sides = sides_of(finding);
  const bool both_write = std::ranges::all_of(
      sides, [](const Side& side) { return first_that(side, true) != nullptr; });
  if (both_write) {
    return "what belongs to one call or thread goes into `threading.local()` or a `ContextVar`";
  }
  return "or hand the value over through a `queue.Queue`, an `Event` or `join()`; an object is "
         "made whole first and published last, by one assignment";
}

std::string advice_for_locks(const Finding& finding) {
  std::set<std::string> locks;
  for (const Access& access : finding.accesses) {
    locks.insert(access.locks.begin(), access.locks.end());
    if (!access.text.empty()) locks.insert(access.text);
  }
  if (places_of(finding).size() == 1) {
    return "the same lines take them in both orders: sort the two first, by a number or `id()` "
           "that "
           "each has";
  }
  const std::vector<std::string> names(locks.begin(), locks.end());
  return "take these locks in one order everywhere (" + in_backticks(names) +
         "), or one lock around both";
}

}  // namespace

std::string missing_order(const Finding& finding) {
  if (finding.kind == "lock_order") return order_of_locks(finding);
  const std::vector<Side> sides = compound_first(finding);
  if (sides.size() < 2) return "";
  if (finding.is_guess) {
    const bool is_test_first = first_that(sides[0], true) == nullptr;
    return order_of_test(*sides[is_test_first ? 0 : 1].front(),
                         *sides[is_test_first ? 1 : 0].front());
  }
  const bool is_compound = finding.kind == "lost_update" || finding.kind == "check_then_act";
  if (is_compound) return order_of_compound(sides[0], sides[1]);
  return "nothing orders " + in_words(*sides[0].front()) + " and " + in_words(*sides[1].front()) +
         ", whichever comes first";
}

std::string advice_for(const Finding& finding, Sources& sources) {
  if (finding.kind == "gil_enabled") {
    return "look for a version of `" + finding.variable +
           "` that supports free threading; until then all calls run one at a time";
  }
  if (finding.kind == "lock_order") return advice_for_locks(finding);
  if (finding.level != Level::error) return "";
  const std::string locking = lock_advice(finding, guards_of(sides_of(finding)));
  if (finding.kind == "iterate_mutate") {
    return locking + copy_in_one_step(finding);
  }
  if (finding.kind == "lost_update") return locking + "; " + update_in_one_step(finding, sources);
  if (finding.kind == "check_then_act") {
    const std::string step = act_in_one_step(finding, sources);
    return step.empty() ? locking : locking + "; " + step;
  }
  return locking + "; " + share_otherwise(finding);
}

}  // namespace atonce::check
