// Measures one function in every arm and finds out what that means.
//
// First the arms are started one after the other, and each runs a round that does not count; then
// they take their rounds in turn, in an order that is shuffled each time: what else the machine
// does meanwhile falls on all alike, and a ratio is that of rounds measured side by side. In the
// end the cause is looked for where threads do not scale.
//
// Thread safety: one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "compare/host.h"
#include "compare/report.h"
#include "compare/samples.h"

namespace atonce::compare {

struct Request {
  std::string function;                // "tools.py::fib"
  std::vector<std::string> arguments;  // JSON texts, at least one
  // The same as pickled keyword arguments, for an ordinary Python.
  std::vector<std::string> pickles = {};
  std::string pickle_trouble = {};  // why they are not there, if not
  bool are_arguments_generated = false;
  std::vector<Arm> arms = {};
  std::size_t cores = 1;                            // that the arms were made for
  std::optional<std::size_t> calls = std::nullopt;  // of a round; else as many as there is time for
  Duration budget = std::chrono::seconds(30);       // of all of it, roughly
  Duration call_limit = std::chrono::seconds(60);   // of one call
  // For finding causes.
  std::string policy = {};  // what the tool's own policy or kind says against running at once
  std::vector<std::string> shared_names = {};  // what its calls share, see python/probe.h
};

// Told what happens, on the thread that measures. All methods do nothing by default.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void on_step(std::string_view /*what*/, double /*share of the budget*/) {}
  // Whether on_figures() is to be called: what it is given takes time to make.
  [[nodiscard]] virtual bool wants_figures() const { return false; }
  virtual void on_figures(const Report& /*so_far*/) {}
};

// Numbers in [0, 1), for the order of the rounds.
using Random = std::function<double()>;

class Comparison final {
 public:
  // The references must outlive it.
  Comparison(Request request, HostMaker& hosts, Clock& clock, Random random, Progress& progress);

  // Once. What cannot run is in the report; the machine's versions and the command are not.
  [[nodiscard]] Report run();

 private:
  struct Seat {  // an arm that takes part in the rounds
    std::size_t arm;
    std::unique_ptr<Host> host;
    Duration round;  // as seen when it was started
  };

  // One after the other.
  void start(std::size_t number);
  [[nodiscard]] Result<Duration> warm_up(ArmSamples& arm, Host& host);
  [[nodiscard]] Result<Duration> time_one_call(Host& host, const Arm& arm);
  void leave_out_for_time();

  // In turn.
  void run_rounds();
  void run_cycle(std::size_t cycle);
  void measure_copying();
  void give_up(ArmSamples& arm, const Error& error);

  [[nodiscard]] RoundOrder order_for(const Arm& arm, std::size_t calls) const;
  [[nodiscard]] Duration limit_for(std::size_t calls) const;
  [[nodiscard]] Duration spent() const { return clock_.now() - start_; }
  [[nodiscard]] double share_spent() const;
  [[nodiscard]] Report report() const;
  void interpret(Report& report);

  const Request request_;
  HostMaker& hosts_;
  Clock& clock_;
  const Random random_;
  Progress& progress_;
  Time start_{};
  std::vector<ArmSamples> arms_;
  std::size_t untried_ = 0;  // arms that have not been started yet
  std::vector<Seat> seats_;
  std::optional<Duration> call_time_;  // of one call, in the first arm that ran
  std::size_t calls_ = 0;              // of a round; 0: not yet known
  std::vector<CopyCost> copying_;
  Machine machine_;
  std::vector<std::string> notes_;
};

}  // namespace atonce::compare
