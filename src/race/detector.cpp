#include "race/detector.h"

#include <algorithm>

namespace atonce::race {
namespace {

// Flags of a write's epoch; the lowest two bits are Stored.
constexpr unsigned kStoredBits = 3;
constexpr unsigned kFirst = 4;     // there was nothing, or None; or what was put there then
constexpr unsigned kCompound = 8;  // depends on a read of the same place
constexpr unsigned kTested = 16;   // which was a test
constexpr unsigned kMixed = 32;    // has held more than True, False and None

[[nodiscard]] Stored stored_of(Epoch write) {
  return static_cast<Stored>(write.flags() & kStoredBits);
}

[[nodiscard]] bool is_switch(Stored stored) {
  return stored == Stored::boolean || stored == Stored::none;
}

// Whether the place has only ever held True, False and None: a flag to be looked at now and then.
[[nodiscard]] bool is_flag(Epoch write) {
  return is_switch(stored_of(write)) && (write.flags() & kMixed) == 0;
}

[[nodiscard]] bool has(Epoch write, unsigned flag) { return (write.flags() & flag) != 0; }

// What a write adds to what was known of the place.
unsigned flags_of_write(Epoch before, Stored stored, Subject& subject) {
  const bool is_known = !before.is_never();
  const Stored held = is_known ? stored_of(before) : subject.before();
  unsigned flags = static_cast<unsigned>(stored);
  if (held == Stored::none) flags |= kFirst;
  if (!is_switch(held) || (is_known && has(before, kMixed))) flags |= kMixed;
  return flags;
}

// Whether the write before found nothing there, and put there what this one puts.
[[nodiscard]] bool puts_the_same(Epoch before, Stored stored, Subject& subject) {
  return stored == Stored::plain && has(before, kFirst) && subject.is_same();
}

}  // namespace

void Detector::learn_of(Thread& thread, Epoch epoch) {
  if (const Thread* const other = threads_.find(epoch.thread())) {
    thread.learn_full(other->known_at(epoch.clock()));
  }
}

void Detector::publish(Thread& thread, Address object) {
  shadow_.of(object).set_published(Epoch::at(thread.moment(), 0, 0));
  thread.tick();
}

// An object of which this thread cannot have heard, by all that is known, was handed to it in a way
// that nobody sees (through C code, or a module that is not watched): no alarm of that.
bool Detector::is_handed_over(Thread& thread, const Place& place, Epoch write) {
  const Epoch birth = place.block.birth();
  if (birth.is_never() || thread.knows(birth) || birth.thread() != write.thread()) return false;
  if (const Thread* const maker = threads_.find(birth.thread())) {
    thread.learn_full(maker->known_now());
  }
  return true;
}

void Detector::read_unordered(Thread& thread, const Place& place, SiteId site, Epoch write,
                              Subject& subject) {
  if (is_handed_over(thread, place, write)) {
    place.location.set_read(Epoch::at(thread.moment(), site, within(thread)));
    return;
  }
  // As of before it learns of the write.
  const Epoch now = Epoch::at(thread.moment(), site, kTaken | within(thread));
  judge_read(place, now, write, false, subject);
  place.location.set_read(now);
  if (stored_of(write) == Stored::reference && place.is_variable) learn_of(thread, write);
}

void Detector::judge_read(const Place& place, Epoch read, Epoch write, bool is_read_first,
                          Subject& subject) {
  const SiteFacts& facts = sites_.of(read.site());
  Race race;
  const Side reading{(facts.flags & kIterates) != 0 ? Operation::iterate : Operation::read, read};
  const Side writing{has(write, kCompound) ? Operation::read_write : Operation::write, write};
  race.sides = is_read_first ? std::vector{reading, writing} : std::vector{writing, reading};
  // Of variables that are merely looked at on the way some may be right without an order.
  const bool guards =
      (facts.flags & kGuard) != 0 || ((facts.flags & kAsks) != 0 && !place.is_variable);
  if (guards && (facts.guarded & place.kind) != 0) {
    race.kind = RaceKind::check_then_act;
    race.is_guess = true;
    if (place.is_variable && is_flag(write) && !has(write, kTested)) race.level = Level::note;
    subject.report(race);
    return;
  }
  if (!place.is_variable) {
    if (place.kind == kChanges || (facts.flags & kIterates) == 0) return;
    race.kind = RaceKind::iterate_mutate;
    subject.report(race);
    return;
  }
  const bool is_checked = (facts.flags & (kChecked | kTest)) != 0;
  const bool is_first = has(write, kFirst);
  if (is_flag(write) || (is_first && is_checked) ||
      (stored_of(write) == Stored::reference && !is_first)) {
    race.level = Level::note;
  }
  subject.report(race);
}

// `read` is the thread's last one there, if any.
bool Detector::is_ordered(const Thread& thread, Epoch read, Epoch write) {
  if (thread.clocks().sync.knows(write)) return true;
  return thread.clocks().full.knows(write) && (read.flags() & kTaken) == 0;
}

// Where an attribute's value is tested, all that it comes from is.
SiteId Detector::site_within(const Thread& thread, SiteId site) const {
  const SiteId outer = thread.outer.reading;
  return (sites_.of(outer).flags & (kGuard | kTest)) != 0 ? outer : site;
}

// Whether the function was called because of what its caller read.
bool Detector::is_decided_by_caller(Epoch read, SiteId write, Subject& subject) const {
  const DecidedCall* const call = sites_.call_between(read.site(), write);
  return call != nullptr && subject.is_called_by(*call);
}

// Whether the read was made for an attribute, and the write is made now for the same one's sake.
bool Detector::is_outer_pair(const Thread& thread, const Place& place, Epoch read, Stored stored,
                             bool is_augmented) const {
  const Outer& outer = thread.outer;
  // `if cache.get(key) is None: cache.put(key, value)`: who comes second puts it there again.
  const bool puts = !place.is_variable && place.kind != kShrinks;
  if (puts && outer.writing != outer.read) return false;
  // One that asks and one that counts, each whole by itself, need not belong together.
  if (is_augmented && outer.writing != outer.read) return false;
  const bool is_stop = stored == Stored::boolean || stored == Stored::none;
  if (is_stop && (sites_.of(outer.read).flags & kLoop) != 0) return false;
  return outer.writing != 0 && (read.flags() & kWithin) != 0 && read.clock() >= outer.since &&
         (outer.writing == outer.read || sites_.depends(outer.writing, outer.read));
}

void Detector::write(Thread& thread, const Place& place, SiteId site, std::uint32_t flags,
                     Stored stored, Subject& subject) {
  Location& location = place.location;
  const Epoch before(location.write.load(std::memory_order_acquire));
  const bool is_augmented = (flags & kAugmented) != 0;
  Epoch read = location.read_of(thread.slot());
  bool depends = false;
  bool follows = false;
  if ((flags & kAtomicStep) == 0 && !read.is_never() &&
      read.clock() >= thread.entered(subject.frame())) {
    depends = sites_.depends(site, read.site());
    follows = !depends && !is_augmented && sites_.follows(site, read.site());
  }
  if (!depends && !read.is_never()) depends = is_decided_by_caller(read, site, subject);
  if (!depends && !read.is_never() && is_outer_pair(thread, place, read, stored, is_augmented)) {
    depends = true;
    site = thread.outer.writing;
    read = Epoch::at(Epoch::moment(read.thread(), read.clock()), thread.outer.read, read.flags());
  }
  const bool is_test = depends && (sites_.of(read.site()).flags & kTest) != 0;
  // `n -= 1` reads what it writes; a test before it decides whether it is done at all.
  const bool is_pair = depends && (is_test || !is_augmented);
  unsigned bits = flags_of_write(before, stored, subject);
  if (depends || follows || is_augmented) bits |= kCompound;
  if (is_test && !is_augmented) bits |= kTested;
  if ((bits & kTested) != 0 && puts_the_same(before, stored, subject)) bits |= kFirst;
  const Epoch now = Epoch::at(thread.moment(), site, bits);
  if (before.bits() == now.bits()) return;

  const Written written{now, read, is_pair, is_augmented};
  judge_overwritten(thread, place, written, subject);
  judge_write(thread, place, written, before, subject);
  if (is_test) judge_lock(thread, read, now, subject);
  location.each_read([&](Epoch other) {
    if (other.thread() == thread.slot() || thread.knows(other)) return;
    judge_read(place, other, now, true, subject);
  });
  if (!read.is_never()) location.clear_read_of(thread.slot());
  location.write.store(Epoch::at(thread.moment(), site, bits).bits(), std::memory_order_release);
  if (stored == Stored::reference && place.is_variable)
    thread.tick();  // it may be found from now on
}

void Detector::judge_write(Thread& thread, const Place& place, const Written& written, Epoch other,
                           Subject& subject) {
  if (other.is_never() || other.thread() == thread.slot()) return;
  if (!thread.knows(other) && is_handed_over(thread, place, other)) return;
  const bool is_in_order = is_ordered(thread, written.read, other);
  // A step that is in no order with another one loses it, tested or not.
  const bool is_lost = written.is_augmented && !is_in_order;
  if (written.is_pair && !is_lost) {
    judge_pair(thread, place, written.read, written.now, other, subject);
  } else if (!is_in_order) {
    judge_writes(place, written.now, other, subject);
  }
}

// Whoever knows of this write knows of that one, too, if the thread does.
void Detector::judge_overwritten(Thread& thread, const Place& place, const Written& written,
                                 Subject& subject) {
  const Epoch other = place.block.overwritten(place.location);
  if (other.is_never()) return;
  if (thread.knows(other)) {
    place.block.forget_overwritten(place.location);
  } else {
    judge_write(thread, place, written, other, subject);
  }
}

// `other` wrote before `now` did: the order must have put it before the read, too.
void Detector::judge_pair(Thread& thread, const Place& place, Epoch read, Epoch now, Epoch other,
                          Subject& subject) {
  if ((read.flags() & kTaken) == 0 && thread.knew(read.clock(), other, true)) {
    judge_gap(thread, place, read, now, other, subject);
    return;
  }
  const bool is_test = (sites_.of(read.site()).flags & kTest) != 0;
  const auto then = thread.interval(read.clock());
  const bool was_locked = !then || !then->held.empty();
  const bool is_gap = was_locked && is_ordered(thread, read, other);  // it was given back
  Race race;
  race.kind = is_test || is_gap ? RaceKind::check_then_act : RaceKind::lost_update;
  // Both found nothing, and came to the same value.
  if (is_test && puts_the_same(other, stored_of(now), subject)) race.level = Level::warning;
  race.sides = {{has(other, kCompound) ? Operation::read_write : Operation::write, other},
                {Operation::read, read},
                {Operation::write, now}};
  subject.report(race);
}

// Nobody came in between this time. Could one have?
void Detector::judge_gap(Thread& thread, const Place& place, Epoch read, Epoch now, Epoch other,
                         Subject& subject) {
  static_cast<void>(place);
  if (read.clock() == thread.clock() || thread.clocks().firm.knows(other)) return;
  if (thread.held_since(read.clock())) return;
  Race race;
  race.kind = RaceKind::check_then_act;
  race.is_potential = true;
  race.sides = {{Operation::write, other}, {Operation::read, read}, {Operation::write, now}};
  subject.report(race);
}

// A test under a lock, which is given back and taken again for the act: whoever tests in between
// acts, too. It has not happened, and need not have been seen to begin.
void Detector::judge_lock(Thread& thread, Epoch read, Epoch now, Subject& subject) {
  if (read.clock() == thread.clock() || thread.held().empty()) return;
  const auto then = thread.interval(read.clock());
  const bool is_again = then && std::ranges::any_of(then->held, [&](const HeldLock& lock) {
                          return thread.find_lock(lock.lock) != nullptr;
                        });
  if (!is_again || thread.held_since(read.clock())) return;
  Race race;
  race.kind = RaceKind::check_then_act;
  race.is_potential = true;
  race.sides = {{Operation::read, read}, {Operation::write, now}};
  subject.report(race);
}

// Two writes without an order.
void Detector::judge_writes(const Place& place, Epoch now, Epoch other, Subject& subject) {
  const bool is_compound = has(now, kCompound) || has(other, kCompound);
  if (!is_compound && !place.is_variable) {
    place.block.keep_overwritten(place.location, other);
    return;
  }
  Race race;
  if (is_compound) {
    race.kind =
        has(now, kTested) || has(other, kTested) ? RaceKind::check_then_act : RaceKind::lost_update;
  } else if (is_flag(now) && is_flag(other)) {
    race.level = Level::note;
  }
  const auto operation = [](Epoch write) {
    return has(write, kCompound) ? Operation::read_write : Operation::write;
  };
  race.sides = {{operation(other), other}, {operation(now), now}};
  subject.report(race);
}

}  // namespace atonce::race
