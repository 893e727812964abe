// When and where a thread did something, in one word.
#pragma once

#include <cstdint>

namespace atonce::race {

using SiteId = std::uint32_t;  // a place in the program; 20 bits

// Thread 10 bits, its clock 28, site 20, flags 6: both sides of a report come for free. All zero is
// "never": the slots of threads begin at 1.
class Epoch final {
 public:
  static constexpr unsigned kFlagBits = 6;
  static constexpr unsigned kSiteBits = 20;
  static constexpr unsigned kClockBits = 28;
  static constexpr std::uint32_t kMostSites = 1U << kSiteBits;
  static constexpr std::uint32_t kMostThreads = 1U << 10;
  static constexpr std::uint32_t kMostClock = (1U << kClockBits) - 1;

  constexpr Epoch() = default;
  constexpr explicit Epoch(std::uint64_t bits) : bits_(bits) {}

  // The part that changes with the thread's clock only.
  static constexpr std::uint64_t moment(std::uint32_t thread, std::uint32_t clock) {
    return (std::uint64_t{thread} << (kClockBits + kSiteBits + kFlagBits)) |
           (std::uint64_t{clock} << (kSiteBits + kFlagBits));
  }
  static constexpr Epoch at(std::uint64_t moment, SiteId site, unsigned flags) {
    return Epoch(moment | (std::uint64_t{site} << kFlagBits) | flags);
  }

  [[nodiscard]] constexpr std::uint64_t bits() const { return bits_; }
  [[nodiscard]] constexpr bool is_never() const { return bits_ == 0; }
  [[nodiscard]] constexpr std::uint32_t thread() const {
    return static_cast<std::uint32_t>(bits_ >> (kClockBits + kSiteBits + kFlagBits));
  }
  [[nodiscard]] constexpr std::uint32_t clock() const {
    return static_cast<std::uint32_t>(bits_ >> (kSiteBits + kFlagBits)) & kMostClock;
  }
  [[nodiscard]] constexpr SiteId site() const {
    return static_cast<SiteId>(bits_ >> kFlagBits) & (kMostSites - 1);
  }
  [[nodiscard]] constexpr unsigned flags() const {
    return static_cast<unsigned>(bits_) & ((1U << kFlagBits) - 1);
  }

 private:
  std::uint64_t bits_ = 0;
};

}  // namespace atonce::race
