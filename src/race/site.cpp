#include "race/site.h"

#include <algorithm>

namespace atonce::race {

std::optional<SiteId> Sites::add(std::uint32_t flags, std::uint32_t function,
                                 std::uint8_t effects) {
  const std::lock_guard lock(mutex_);
  if (count_ == Epoch::kMostSites) return std::nullopt;
  const SiteId site = count_++;
  auto& chunk = chunks_[site / kChunk];
  if (!chunk) chunk = std::make_unique<Chunk>();
  SiteFacts& facts = (*chunk)[site % kChunk];
  facts.flags = flags;
  facts.function = function;
  facts.effects = effects;
  return site;
}

void Sites::pair(SiteId read, SiteId write, bool depends) {
  const std::lock_guard lock(mutex_);
  SiteFacts& facts = of(write);
  auto& reads = depends ? facts.depends_on : facts.follows;
  if (std::ranges::find(reads, read) == reads.end()) reads.push_back(read);
  if (depends) of(read).guarded |= facts.effects;
}

void Sites::pair_by_call(const DecidedCall& call, SiteId write) {
  const std::lock_guard lock(mutex_);
  SiteFacts& facts = of(write);
  facts.calls.push_back(call);
  of(call.read).guarded |= facts.effects;
}

const DecidedCall* Sites::call_between(SiteId read, SiteId write) const {
  for (const DecidedCall& call : of(write).calls) {
    if (call.read == read) return &call;
  }
  return nullptr;
}

bool Sites::depends(SiteId write, SiteId read) const {
  return std::ranges::count(of(write).depends_on, read) > 0;
}

bool Sites::follows(SiteId write, SiteId read) const {
  return std::ranges::count(of(write).follows, read) > 0;
}

}  // namespace atonce::race
