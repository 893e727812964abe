// The seam between deciding what to measure and the processes in which it is measured.
//
// A host is one process, with the children it has, in which one arm runs its rounds. It is started
// for that arm alone, so that nothing of another arm is in its memory or its figures.
//
// Thread safety: one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "compare/arm.h"
#include "compare/report.h"
#include "compare/round.h"
#include "compare/usage.h"

namespace atonce::compare {

// What a host says when it is ready.
struct HostFacts {
  Duration startup{};   // of its workers, its Python and tools being there
  Duration dispatch{};  // of one empty call
  std::string python = {};
  bool is_gil_on = false;
  std::vector<std::string> gil_enablers = {};
};

class Host {
 public:
  virtual ~Host() = default;  // ends its processes

  [[nodiscard]] virtual const HostFacts& facts() const = 0;

  // Errors: timed_out after `limit` (the host is then of no use any more); unavailable, saying how
  // its process ended.
  [[nodiscard]] virtual Result<Round> run(const RoundOrder& order, Duration limit) = 0;

  // The cost of copying so many bytes there and back; nothing for an arm that copies nothing.
  [[nodiscard]] virtual Result<std::vector<CopyCost>> copy(const std::vector<std::size_t>& sizes,
                                                           Duration limit) = 0;

  [[nodiscard]] virtual Usage usage() const = 0;
  [[nodiscard]] virtual std::size_t memory() const = 0;         // bytes
  [[nodiscard]] virtual std::size_t printed_bytes() const = 0;  // by the tools, thrown away
};

// What a host is started for: to measure an arm, or to find out why it does not scale.
struct HostOrder {
  Arm arm;
  bool watches_locks = false;
  // Gives each worker a copy of its own of these names of the tools' module; of all of it when the
  // list is empty.
  std::optional<std::vector<std::string>> private_names = std::nullopt;
};

class HostMaker {
 public:
  virtual ~HostMaker() = default;

  // Starts one and waits until it is ready. Errors: as Host::run, and what it says itself when it
  // cannot start: a file that does not import there, a build without what the arm needs.
  [[nodiscard]] virtual Result<std::unique_ptr<Host>> open(const HostOrder& order,
                                                           Duration limit) = 0;
};

}  // namespace atonce::compare
