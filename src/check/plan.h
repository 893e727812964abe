// Which tools run beside which, in what order and how often.
//
// Every pair is run once; then what was suspicious is run again with threads made to wait at its
// lines; then all pairs again with other seeds, those first whose calls never met. Before some of
// these tools are called one after the other: what a pair needs may be theirs to put there.
//
// Thread safety: one thread.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "check/host.h"
#include "check/run.h"

namespace atonce::check {

// Numbers of tools; of one tool with itself, or the smaller number first.
struct Pair {
  std::size_t first = 0;
  std::size_t second = 0;

  friend auto operator<=>(const Pair&, const Pair&) = default;
};

// One that is not tried, and why.
struct NotTested {
  std::vector<std::string> functions;
  std::string why;
  bool is_wanted = true;  // nobody chose that: the check says too little without it

  friend bool operator==(const NotTested&, const NotTested&) = default;
};

struct PlanOptions {
  bool includes_destructive = false;
  std::size_t most_rounds = 8;  // runs of a pair that bring nothing new are enough then
};

// One run that is to be made.
struct Job {
  Pair pair{};
  std::uint64_t seed = 0;
  std::vector<Wait> delays{};         // a run that looks at something suspicious
  std::vector<std::size_t> before{};  // tools that are called first, one after the other
};

class Plan final {
 public:
  Plan(const std::vector<ToolFacts>& tools, const PlanOptions& options);

  [[nodiscard]] const std::vector<Pair>& pairs() const { return pairs_; }
  [[nodiscard]] const std::vector<NotTested>& not_tested() const { return not_tested_; }

  // The next run; nothing when there is none to make, until a running one ends.
  [[nodiscard]] std::optional<Job> next();

  // What came of a job: how many of the pair's calls met, and the tools that take long.
  void finish(const Job& job, std::size_t overlapped, const std::set<std::string>& slow = {});
  // The pair's run did not come to its end; it is not tried again. Nor is anything else with the
  // tools that were `hanging` then, by their names, while there is something else to do. Those
  // `running` then are not called before other pairs any more; none is known: neither of the pair.
  void give_up(const Job& job, const std::set<std::string>& hanging,
               const std::set<std::string>& running = {});
  // The same where none of the tools `running` was of the pair, but called before it: it is they
  // that are not called so any more, and the pair is tried again.
  [[nodiscard]] bool blame_others(const Job& job, const std::set<std::string>& running);
  // Has the job's pair run again with these delays, soon.
  void look_closer(const Job& job, const std::vector<Wait>& delays);

  // Pairs whose calls never ran at the same time, but for those that were given up.
  [[nodiscard]] std::vector<Pair> not_overlapped() const;
  // Of all runs that are to be made if there is time for them.
  [[nodiscard]] double share_done() const;

  // What the job's threads are told to call.
  [[nodiscard]] RunOrder order_for(const Job& job) const;

 private:
  struct Progress {
    std::size_t started = 0;
    std::size_t overlapped = 0;
    bool is_given_up = false;
  };

  [[nodiscard]] std::tuple<bool, bool, std::size_t> rank_of(const Pair& pair) const;
  void leave_out(const std::vector<ToolFacts>& tools, const PlanOptions& options);
  void add_pairs(const std::vector<ToolFacts>& tools);
  [[nodiscard]] std::vector<std::size_t> others_before(const Job& job) const;
  [[nodiscard]] ThreadOrder calls_of(std::size_t tool, std::size_t count, std::size_t from) const;

  const std::vector<ToolFacts> tools_;
  const std::size_t most_rounds_;
  std::vector<bool> is_left_out_;  // by the tool's number
  std::vector<Pair> pairs_;
  std::vector<NotTested> not_tested_;
  std::map<Pair, Progress> progress_;
  std::deque<Job> closer_;
  std::vector<bool> is_hanging_;  // by the tool's number
  std::vector<bool> is_unfit_;    // by the tool's number: not to be called for others' sake
  std::size_t jobs_started_ = 0;
};

}  // namespace atonce::check
