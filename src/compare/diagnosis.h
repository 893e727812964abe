// Looks for the cause where threads do not scale: from what the rounds have shown, and by
// experiments in processes made for them (locks that are timed, threads that share nothing of the
// module, busy neighbours).
//
// Thread safety: one thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "compare/comparison.h"
#include "compare/evidence.h"
#include "compare/samples.h"

namespace atonce::compare {

class Diagnosis final {
 public:
  // The references must outlive it. It begins no experiment after `end`.
  Diagnosis(const Request& request, std::span<const ArmSamples> arms, const Machine& machine,
            HostMaker& hosts, Clock& clock, Progress& progress, Time end);

  // Empty when threads scale, or were not measured.
  [[nodiscard]] std::vector<Cause> find_causes();

 private:
  [[nodiscard]] const ArmSamples* find(ArmKind kind, std::size_t workers) const;
  [[nodiscard]] Evidence read_rounds(const ArmSamples& threads, const ArmSamples& one) const;
  void time_locks(Evidence& evidence, const ArmSamples& threads);
  void make_private(Evidence& evidence, const ArmSamples& threads);
  [[nodiscard]] bool try_private(Evidence& evidence, const ArmSamples& threads, Host& shared,
                                 const std::vector<std::string>& names);
  void name_shared(Evidence& evidence, const ArmSamples& threads, Host& shared);
  void add_neighbours(Evidence& evidence);
  [[nodiscard]] RoundOrder order() const;
  [[nodiscard]] bool has_time() const { return clock_.now() < end_; }
  [[nodiscard]] Duration limit() const;
  void step(const std::string& what);

  const Request& request_;
  const std::span<const ArmSamples> arms_;
  const Machine& machine_;
  HostMaker& hosts_;
  Clock& clock_;
  Progress& progress_;
  const Time end_;
};

}  // namespace atonce::compare
