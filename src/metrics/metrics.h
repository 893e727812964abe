// Counts what becomes of calls, and shows it to Prometheus. Written by hand, since a call may cost
// no lock (docs/decisions/0012-metrics-by-hand.md).
//
// What others know - connections, threads, calls that run or are stuck - is not counted here but
// asked for when somebody looks (add): a count that is kept twice drifts apart.
//
// Thread safety: the observer's functions and expose() from any thread; know_tools() and add()
// before the first call and the first look.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/observer.h"
#include "metrics/exposition.h"
#include "metrics/histogram.h"

namespace atonce::metrics {

// The media type of what expose() gives.
inline constexpr std::string_view kMediaType = "text/plain; version=0.0.4; charset=utf-8";

// One value, and the labels that tell it from the others of its figure.
struct Sample {
  Labels labels = {};
  double value = 0;
};

// Something that others know.
struct Figure {
  Kind kind = Kind::gauge;                    // or counter
  std::string name;                           // "atonce_connections"; a counter's ends in "_total"
  std::string help;                           // one sentence
  std::function<std::vector<Sample>()> read;  // on the thread that looks; must not block
};

class Metrics final : public engine::Observer {
 public:
  Metrics();
  ~Metrics() override;

  // Gives each of these its own figures. Calls of any other name, which strangers choose, are
  // counted together.
  void know_tools(const std::vector<std::string>& names);

  // Shows a figure; what its `read` uses must outlive the last look.
  void add(Figure figure);
  // One without labels.
  void add_gauge(std::string name, std::string help, std::function<double()> read);

  // Every figure, in the form of kMediaType:
  //   atonce_calls_total{tool,outcome}                  calls that have their outcome
  //   atonce_call_retries_total{tool}                   attempts after the first
  //   atonce_call_duration_seconds{tool}    histogram   from entering the function to the outcome
  //   atonce_call_queue_seconds             histogram   from accepting a call to entering it
  // and those that were added, in their order. A call whose function was never entered is in the
  // first only.
  [[nodiscard]] std::string expose() const;

  void on_started(const call::Call& call, std::string_view lane, unsigned attempt) override;
  void on_finished(const call::Finished& finished) override;

 private:
  // Each on cache lines of its own: tools that run at once do not wait for each other's counts.
  struct alignas(64) Series {
    std::array<std::atomic<std::uint64_t>, std::variant_size_v<call::Outcome>> outcomes = {};
    std::atomic<std::uint64_t> retries = 0;
    Histogram duration = {};
  };

  [[nodiscard]] Series& series_of(const std::string& name);
  void expose_calls(Exposition& exposition) const;

  // Constant after know_tools() and add().
  std::map<std::string, std::unique_ptr<Series>> series_;  // in the order in which they are shown
  std::vector<Figure> figures_;

  Series others_;  // calls of names that are no tool's
  alignas(64) Histogram queue_;
};

}  // namespace atonce::metrics
