// The places of a program where something is read or written, as the source says it.
//
// Thread safety: sites are made under a lock; what a site says does not change once code that uses
// it runs.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "race/epoch.h"

namespace atonce::race {

// What a write does to what a read looked at. A list that grew is still not empty.
enum Effect : std::uint8_t {
  kNoEffect = 0,
  kChanges = 1,  // a variable or an element
  kGrows = 2,
  kShrinks = 4,
};

// Bits of SiteFacts::flags. The Python side uses the same numbers.
enum SiteFlag : std::uint32_t {
  kReads = 1,
  kWrites = 2,
  kDeletes = 4,
  kTest = 8,      // read in a boolean test
  kGuard = 16,    // such a read that decides about a write, nothing read again in between
  kChecked = 32,  // the same function tests what it reads here
  kPaired = 64,   // a write of the same function may depend on this read
  kInit = 128,    // in a constructor, of the object itself
  kGenerator = 256,
  kEventClass = 512,
  kEventImport = 1024,
  kEventPatch = 2048,
  kAugmented = 4096,       // reads and writes in one statement
  kIterates = 8192,        // looks at elements one after the other
  kAsks = 1U << 22,        // decides by what code of the object's own looks at
  kLoop = 1U << 21,        // read in the test of a loop, which somebody else may end, too
  kAtomicStep = 1U << 20,  // a write that depends on no read before it, wherever it stands
};

// A read that decides whether a function is called, from those lines, that then writes.
struct DecidedCall {
  SiteId read = 0;
  int first_line = 0;
  int last_line = 0;
};

struct SiteFacts {
  std::uint32_t flags = 0;
  std::uint32_t function = 0;            // the same number for the sites of one function
  std::uint8_t effects = kNoEffect;      // of a write
  std::uint8_t guarded = kNoEffect;      // of a read: what the writes that depend on it do
  std::vector<SiteId> depends_on{};      // of a write: the reads that decide about it
  std::vector<SiteId> follows{};         // of a write: reads that merely come before it
  std::vector<DecidedCall> calls{};      // of a write: by which its function may be called
  std::atomic<std::uint32_t> delays{0};  // times still to be slowed down here
};

class Sites final {
 public:
  // Nothing when there are too many: what has no site is not watched.
  [[nodiscard]] std::optional<SiteId> add(std::uint32_t flags, std::uint32_t function,
                                          std::uint8_t effects);
  // A read comes before a write in the same function; whether the write depends on it.
  void pair(SiteId read, SiteId write, bool depends);

  // The write is in a function that is called because of what the read saw.
  void pair_by_call(const DecidedCall& call, SiteId write);

  [[nodiscard]] SiteFacts& of(SiteId site) { return (*chunks_[site / kChunk])[site % kChunk]; }
  [[nodiscard]] const SiteFacts& of(SiteId site) const {
    return (*chunks_[site / kChunk])[site % kChunk];
  }
  [[nodiscard]] bool depends(SiteId write, SiteId read) const;
  [[nodiscard]] bool follows(SiteId write, SiteId read) const;
  // The call by which the write would depend on the read; null when there is none.
  [[nodiscard]] const DecidedCall* call_between(SiteId read, SiteId write) const;

 private:
  static constexpr std::size_t kChunk = 1024;
  using Chunk = std::array<SiteFacts, kChunk>;

  std::mutex mutex_;
  std::uint32_t count_ = 1;  // site 0 is no site
  std::array<std::unique_ptr<Chunk>, Epoch::kMostSites / kChunk> chunks_;
};

}  // namespace atonce::race
