#include "check/tools_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "check/facts_text.h"

namespace atonce::check {
namespace {

using namespace std::chrono_literals;

// A run gets a part of the time, so that one that hangs leaves some for the others.
constexpr auto kLeastRunLimit = 2s;
constexpr int kRunsInBudget = 3;
constexpr std::size_t kMostRaisedTold = 10;  // of all that calls raised, each once
constexpr Duration kLongestOverlapSearch = 1s;
constexpr std::size_t kMostLooks = 4;  // for each pair, where looks bring new suspicions

class ToolsCheck final {
 public:
  ToolsCheck(const ToolsRequest& request, ToolsHost& host, Clock& clock, Progress& progress,
             ToolsFacts facts, Time start)
      : request_(request),
        host_(host),
        clock_(clock),
        progress_(progress),
        facts_(std::move(facts)),
        start_(start),
        gil_enablers_(facts_.gil_enablers.begin(), facts_.gil_enablers.end()),
        extensions_(facts_.extensions.begin(), facts_.extensions.end()),
        plan_(facts_.tools, {.includes_destructive = request.includes_destructive}) {}

  [[nodiscard]] Report run(Sources& sources) {
    std::vector<std::thread> threads;
    for (std::size_t at = 0; at < std::max<std::size_t>(1, request_.runs_at_once); ++at) {
      threads.emplace_back([this] { work(); });
    }
    for (std::thread& thread : threads) thread.join();
    return report(sources);
  }

 private:
  void work() {
    while (const std::optional<Job> job = next_job()) {
      RunOrder order;
      {
        const std::lock_guard lock(mutex_);
        order = plan_.order_for(*job);
      }
      const Duration limit = run_limit();
      order.overlap_limit = std::min<Duration>(kLongestOverlapSearch, limit / 2);
      const RunEnd end = host_.run(order, limit);
      const std::lock_guard lock(mutex_);
      note_end(*job, end, limit);
      --running_;
      changed_.notify_all();
    }
  }

  // Waits while there is nothing to do but what a running job may bring.
  std::optional<Job> next_job() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (is_over()) return std::nullopt;
      if (auto job = plan_.next()) {
        ++running_;
        tell_progress(*job);
        return job;
      }
      if (running_ == 0) return std::nullopt;
      changed_.wait(lock);
    }
  }

  [[nodiscard]] bool is_over() const { return clock_.now() - start_ >= request_.budget; }

  [[nodiscard]] Duration run_limit() const {
    const Duration left = request_.budget - (clock_.now() - start_);
    return std::min(full_limit(), std::max<Duration>(left, kLeastRunLimit));
  }

  // Of a run that the end of the budget does not cut short.
  [[nodiscard]] Duration full_limit() const {
    const Duration share = request_.budget / kRunsInBudget;
    return std::min(request_.call_limit, std::max<Duration>(share, kLeastRunLimit));
  }

  void tell_progress(const Job& job) {
    const NamePair names = names_of(job.pair);
    const double time = to_seconds(clock_.now() - start_) / to_seconds(request_.budget);
    progress_.on_step(fmt::format("`{}` beside `{}`", names[0], names[1]),
                      std::max(time, plan_.share_done()), collected_.settled().size());
  }

  void note_end(const Job& job, const RunEnd& end, Duration limit) {
    ++runs_;
    const bool has_forked = !end.journal.forking.empty();
    if (end.run && !has_forked) {
      const bool is_delayed = !job.delays.empty();
      plan_.finish(job, end.run->overlapped, is_delayed ? std::set<std::string>() : end.run->slow);
      raised_.insert(end.run->raised.begin(), end.run->raised.end());
      gil_enablers_.insert(end.run->gil_enablers.begin(), end.run->gil_enablers.end());
      extensions_.insert(end.run->extensions.begin(), end.run->extensions.end());
      add_findings(job, end.run->findings);
      return;
    }
    add_findings(job, end.journal.findings);
    if (end.run) add_findings(job, end.run->findings);
    const std::set<std::string> running =
        names_in(has_forked ? end.journal.forking : end.journal.running);
    if (plan_.blame_others(job, running)) return;
    if (end.is_timed_out && limit < full_limit()) return;  // nobody knows whether it hung
    plan_.give_up(job, hanging_in(end), running);
    Failure failure{.calls = has_forked ? end.journal.forking : end.journal.running,
                    .what = describe_end(end, to_seconds(limit))};
    if (failure.calls.empty()) failure.calls = calls_of(job.pair);
    const bool is_known = std::ranges::find(failures_, failure) != failures_.end();
    if (!is_known) failures_.push_back(std::move(failure));
  }

  // The tools whose calls were on their way when the run was ended for being late.
  [[nodiscard]] static std::set<std::string> hanging_in(const RunEnd& end) {
    return end.is_timed_out ? names_in(end.journal.running) : std::set<std::string>();
  }

  [[nodiscard]] static std::set<std::string> names_in(const std::vector<RunningCall>& calls) {
    std::set<std::string> names;
    for (const RunningCall& call : calls) names.insert(call.tool);
    return names;
  }

  void add_findings(const Job& job, const std::vector<Finding>& findings) {
    const bool is_first_look = job.delays.empty();
    for (const std::vector<Wait>& delays : collected_.add(findings, names_of(job.pair))) {
      if (!is_first_look && looks_ > kMostLooks * plan_.pairs().size()) continue;
      ++looks_;
      plan_.look_closer(job, delays);
    }
  }

  [[nodiscard]] NamePair names_of(Pair pair) const {
    return pair_of(facts_.tools[pair.first].name, facts_.tools[pair.second].name);
  }

  [[nodiscard]] std::vector<RunningCall> calls_of(Pair pair) const {
    std::vector<RunningCall> calls{{facts_.tools[pair.first].name, ""}};
    if (pair.second != pair.first) calls.push_back({facts_.tools[pair.second].name, ""});
    return calls;
  }

  [[nodiscard]] Report report(Sources& sources) {
    Report report{.subject = request_.subject,
                  .not_tested = plan_.not_tested(),
                  .failures = std::move(failures_),
                  .pairs = plan_.pairs().size(),
                  .runs = runs_};
    for (const Pair& pair : plan_.not_overlapped()) {
      report.not_overlapped.push_back(names_of(pair));
    }
    if (request_.minds_gil) {
      static_cast<void>(
          collected_.add(gil_findings({gil_enablers_.begin(), gil_enablers_.end()}), std::nullopt));
    }
    fill_findings(report, collected_.settled(), sources);
    report.what_cannot_be_seen = what_cannot_be_seen({extensions_.begin(), extensions_.end()});
    for (const std::string& each : facts_.warnings) report.notes.push_back(each);
    note_raised(report);
    report.verdict = judge(report, report.pairs > 0);
    report.seconds = to_seconds(clock_.now() - start_);
    return report;
  }

  void note_raised(Report& report) const {
    std::size_t told = 0;
    for (const std::string& each : raised_) {
      if (told++ == kMostRaisedTold) break;
      report.notes.push_back("a call raised: " + each);
    }
    if (raised_.size() > kMostRaisedTold) {
      report.notes.push_back(fmt::format("calls raised {} more", raised_.size() - kMostRaisedTold));
    }
  }

  const ToolsRequest& request_;
  ToolsHost& host_;
  Clock& clock_;
  Progress& progress_;
  const ToolsFacts facts_;
  const Time start_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::set<std::string> gil_enablers_;
  std::set<std::string> extensions_;
  Plan plan_;
  Collected collected_;
  std::vector<Failure> failures_;
  std::set<std::string> raised_;
  std::size_t runs_ = 0;
  std::size_t running_ = 0;
  std::size_t looks_ = 0;
};

}  // namespace

Result<Report> check_tools(const ToolsRequest& request, ToolsHost& host, Clock& clock,
                           Sources& sources, Progress& progress) {
  const Time start = clock.now();
  progress.on_step("loading the tools", 0, 0);
  auto facts = host.open(request.given, std::max<Duration>(request.budget, kLeastRunLimit));
  if (!facts) return std::unexpected(facts.error());
  return ToolsCheck(request, host, clock, progress, *std::move(facts), start).run(sources);
}

}  // namespace atonce::check
