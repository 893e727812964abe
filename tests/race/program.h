// A program as a sequence of events: what threads do, one after the other, in the order that the
// test says.
#pragma once

#include <string>
#include <vector>

#include "race/detector.h"

namespace atonce::race::testing {

// Told of what the detector finds.
class Found final : public Subject {
 public:
  Stored was = Stored::plain;  // there before the first write
  bool same = false;
  std::vector<Race> races;

  Stored before() override { return was; }
  bool is_same() override { return same; }
  void report(const Race& race) override { races.push_back(race); }

  // "error lost_update, note data_race"; empty when nothing was found.
  [[nodiscard]] std::string told() const {
    std::string text;
    for (const Race& race : races) {
      if (!text.empty()) text += ", ";
      text += std::string(to_text(race.level)) + " " + std::string(to_text(race.kind));
      if (race.is_guess) text += " (guess)";
      if (race.is_potential) text += " (potential)";
    }
    return text;
  }
};

class Program {
 public:
  Detector detector;
  Found found;

  Thread& start(Thread* parent = nullptr) {
    const Clocks known = parent == nullptr ? Clocks() : parent->hand_over();
    Thread& thread = *detector.threads().begin(parent == nullptr ? nullptr : &known);
    thread.learn(known);
    return thread;
  }
  void join(Thread& waiting, Thread& ended) {
    waiting.learn(ended.hand_over());
    detector.threads().end(ended);
  }

  SiteId site(std::uint32_t flags, std::uint8_t effects = kNoEffect) {
    return *detector.sites().add(flags, 1, effects);
  }
  SiteId read_site(std::uint32_t flags = 0) { return site(kReads | flags); }
  SiteId write_site(std::uint32_t flags = 0, std::uint8_t effects = kChanges) {
    return site(kWrites | flags, effects);
  }

  void take(Thread& thread, Address lock, SiteId at = 0) {
    thread.take_lock({.lock = lock, .site = at}, detector.shadow().of(lock).lock_clocks());
  }
  void give(Thread& thread, Address lock) {
    thread.give_lock(lock, detector.shadow().of(lock).lock_clocks());
  }

  // Of the variable `key` of an object.
  void read(Thread& thread, SiteId site, Address object = kObject, std::uint64_t key = 5) {
    detector.read(thread, variable(object, key), site, found);
  }
  void write(Thread& thread, SiteId site, Stored stored = Stored::plain, Address object = kObject,
             std::uint64_t key = 5) {
    const std::uint32_t flags = detector.sites().of(site).flags;
    detector.write(thread, variable(object, key), site, flags, stored, found);
  }

  // Of an element and of a container as a whole.
  void read_element(Thread& thread, SiteId site) { detector.read(thread, element(), site, found); }
  void write_element(Thread& thread, SiteId site, Stored stored = Stored::plain) {
    detector.write(thread, element(), site, detector.sites().of(site).flags, stored, found);
  }
  void read_whole(Thread& thread, SiteId site) {
    detector.read(thread, whole(kGrows), site, found);
    detector.read(thread, whole(kShrinks), site, found);
  }
  void write_whole(Thread& thread, SiteId site, Effect effect) {
    detector.write(thread, whole(effect), site, detector.sites().of(site).flags, Stored::plain,
                   found);
  }

  static constexpr Address kObject = 0x7f00'0000'1000;
  static constexpr Address kLock = 0x7f00'0000'2000;
  static constexpr Address kOtherLock = 0x7f00'0000'3000;

 private:
  Place variable(Address object, std::uint64_t key) {
    Block& block = detector.shadow().of(object);
    return {block, block.at(key_of(key)), kChanges, true};
  }
  Place element() {
    Block& block = detector.shadow().of(kObject);
    return {block, block.element(3), kChanges, false};
  }
  Place whole(Effect effect) {
    Block& block = detector.shadow().of(kObject);
    return {block, block.at(effect == kGrows ? kGrowKey : kShrinkKey), effect, false};
  }
};

}  // namespace atonce::race::testing
