// Finds what free threads do to each other: reads and writes that no order keeps apart.
//
// Happens-before by vector clocks with epochs, as FastTrack (Flanagan, Freund 2009) and VerifiedFT
// (Wilcox, Flanagan, Freund 2018) do it, with two changes. Every single operation of Python is
// atomic, so that what counts is mostly not the pair of accesses but the pair of a read and the
// write that depends on it (an atomicity violation as in Velodrome, Flanagan, Freund, Yi 2008, of
// one location). And a reference that is found where another thread put it hands over what that
// thread knew.
//
// Each location is looked at by itself. A race is told when its second side happens.
//
// Thread safety: reads and writes from any thread, each with its own Thread.
#pragma once

#include "race/race.h"
#include "race/shadow.h"
#include "race/site.h"
#include "race/threads.h"

namespace atonce::race {

// What a write puts there.
enum class Stored : unsigned { plain = 0, boolean = 1, none = 2, reference = 3 };

// The thing that is accessed, while it is at hand: asked and told only when something is wrong.
class Subject {
 public:
  virtual ~Subject() = default;
  // What is there before the first write that is seen.
  virtual Stored before() { return Stored::plain; }
  // Whether a write puts there what is there already, and that is a number, a text or the like.
  virtual bool is_same() { return false; }
  // Tells the calls of a function apart; 0 when not known.
  virtual Address frame() { return 0; }
  // Whether the function that accesses it was called from there.
  virtual bool is_called_by(const DecidedCall& call) {
    static_cast<void>(call);
    return false;
  }
  virtual void report(const Race& race) = 0;
};

struct Place {
  Block& block;        // of the object
  Location& location;  // in it
  Effect kind;         // kChanges: a variable or an element; kGrows, kShrinks: a whole container
  bool is_variable;    // attribute, global or cell: unordered accesses are a race by themselves
};

class Detector final {
 public:
  // After the access.
  void read(Thread& thread, const Place& place, SiteId site, Subject& subject) {
    Location& location = place.location;
    thread.last_read = &location;
    if (thread.outer.reading != 0) site = site_within(thread, site);
    const Epoch write(location.write.load(std::memory_order_acquire));
    if (!write.is_never() && !thread.knows(write)) {
      read_unordered(thread, place, site, write, subject);
      return;
    }
    read_overwritten(thread, place, site, subject);
    const Epoch now =
        Epoch::at(thread.moment(), site, still_taken(thread, location, write) | within(thread));
    if (location.read.load(std::memory_order_relaxed) != now.bits()) location.set_read(now);
  }

  // Before or after the access; `flags` are the site's.
  void write(Thread& thread, const Place& place, SiteId site, std::uint32_t flags, Stored stored,
             Subject& subject);

  // A reference to the object is put where others may find it, and was found there.
  void publish(Thread& thread, Address object);
  void take(Thread& thread, Address object) {
    const Block* const block = shadow_.find(object);
    if (block == nullptr) return;
    const Epoch published = block->published();
    if (!published.is_never() && !thread.knows(published)) learn_of(thread, published);
  }

  [[nodiscard]] Sites& sites() { return sites_; }
  [[nodiscard]] Shadow& shadow() { return shadow_; }
  [[nodiscard]] Threads& threads() { return threads_; }

 private:
  // Of a read's epoch: the thread knows of the write by nothing but what it read here.
  static constexpr unsigned kTaken = 1;
  // Of a read's epoch: it is part of the reading of an attribute.
  static constexpr unsigned kWithin = 2;

  // A write that has just been made, and what it depends on.
  struct Written {
    Epoch now;
    Epoch read;  // the thread's last one there, if any
    bool is_pair;
    bool is_augmented;
  };

  [[nodiscard]] static unsigned within(const Thread& thread) {
    return thread.outer.reading == 0 ? 0 : kWithin;
  }

  [[nodiscard]] static unsigned still_taken(const Thread& thread, const Location& location,
                                            Epoch write) {
    if (write.is_never() || write.thread() == thread.slot()) return 0;
    if (thread.clocks().sync.knows(write)) return 0;
    return location.read_of(thread.slot()).flags() & kTaken;
  }
  void read_unordered(Thread& thread, const Place& place, SiteId site, Epoch write,
                      Subject& subject);
  void read_overwritten(Thread& thread, const Place& place, SiteId site, Subject& subject) {
    const Epoch write = place.block.overwritten(place.location);
    if (write.is_never() || thread.knows(write)) return;
    if ((sites_.of(site).flags & (kGuard | kAsks | kIterates)) == 0) return;  // nothing to be told
    judge_read(place, Epoch::at(thread.moment(), site, within(thread)), write, false, subject);
  }
  void judge_read(const Place& place, Epoch read, Epoch write, bool is_read_first,
                  Subject& subject);
  void judge_write(Thread& thread, const Place& place, const Written& written, Epoch other,
                   Subject& subject);
  void judge_overwritten(Thread& thread, const Place& place, const Written& written,
                         Subject& subject);
  void judge_pair(Thread& thread, const Place& place, Epoch read, Epoch now, Epoch other,
                  Subject& subject);
  static void judge_writes(const Place& place, Epoch now, Epoch other, Subject& subject);
  void judge_gap(Thread& thread, const Place& place, Epoch read, Epoch now, Epoch other,
                 Subject& subject);
  static void judge_lock(Thread& thread, Epoch read, Epoch now, Subject& subject);
  [[nodiscard]] bool is_decided_by_caller(Epoch read, SiteId write, Subject& subject) const;
  [[nodiscard]] SiteId site_within(const Thread& thread, SiteId site) const;
  [[nodiscard]] bool is_outer_pair(const Thread& thread, const Place& place, Epoch read,
                                   Stored stored, bool is_augmented) const;
  [[nodiscard]] bool is_handed_over(Thread& thread, const Place& place, Epoch write);
  [[nodiscard]] static bool is_ordered(const Thread& thread, Epoch read, Epoch write);
  void learn_of(Thread& thread, Epoch epoch);

  Sites sites_;
  Shadow shadow_;
  Threads threads_;
};

}  // namespace atonce::race
