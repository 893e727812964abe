#include "check/script_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <set>
#include <utility>

#include "base/json.h"
#include "check/facts_text.h"
#include "check/fields.h"

namespace atonce::check {
namespace {

constexpr int kPytestTestsFailed = 1;

ScriptFacts read_facts(const json::View& end) {
  return {.most_threads = static_cast<std::size_t>(number_in(end, "most_threads")),
          .exit_code = static_cast<int>(number_in(end, "exit_code")),
          .gil_enablers = texts_in(end, "gil_enablers"),
          .extensions = texts_in(end, "extensions"),
          .raised = texts_in(end, "raised"),
          .error = text_in(end, "error")};
}

class ScriptCheck final {
 public:
  ScriptCheck(const ScriptRequest& request, ScriptHost& host, Clock& clock, Progress& progress)
      : request_(request), host_(host), clock_(clock), progress_(progress), start_(clock.now()) {}

  [[nodiscard]] Result<Report> check(Sources& sources) {
    do {
      if (auto done = run_once(); !done) return std::unexpected(done.error());
    } while (!is_over_ && has_time() && has_reason());
    return report(sources);
  }

 private:
  [[nodiscard]] Duration used() const { return clock_.now() - start_; }

  // For one more that takes as long as the longest so far.
  [[nodiscard]] bool has_time() const { return used() + longest_ <= request_.budget; }

  [[nodiscard]] bool has_reason() const { return !closer_.empty() || runs_ < request_.most_runs; }

  [[nodiscard]] Result<void> run_once() {
    ScriptOrder order{.seed = runs_ + 1, .perturbs = runs_ % 4 != 3};
    if (runs_ > 0 && !closer_.empty()) {
      order.delays = std::move(closer_.front());
      closer_.pop_front();
    }
    progress_.on_step(fmt::format("run {}", runs_ + 1),
                      to_seconds(used()) / to_seconds(request_.budget),
                      collected_.settled().size());
    const bool is_first = runs_ == 0;
    const Time began = clock_.now();
    auto run = host_.run(order, is_first ? request_.limit : request_.budget - used());
    if (!run) return std::unexpected(run.error());
    longest_ = std::max<Duration>(longest_, clock_.now() - began);
    ++runs_;
    return take(*std::move(run), is_first);
  }

  [[nodiscard]] Result<void> take(ScriptRun run, bool is_first) {
    std::ranges::copy(collected_.add(std::move(run.findings), std::nullopt),
                      std::back_inserter(closer_));
    if (!run.facts) {
      note_failure(run, is_first);
      return {};
    }
    const ScriptFacts& facts = *run.facts;
    if (!facts.error.empty()) return failure(ErrorCode::bad_input, facts.error);
    most_threads_ = std::max(most_threads_, facts.most_threads);
    gil_enablers_.insert(facts.gil_enablers.begin(), facts.gil_enablers.end());
    extensions_.insert(facts.extensions.begin(), facts.extensions.end());
    raised_.insert(facts.raised.begin(), facts.raised.end());
    if (facts.exit_code != 0 && bad_exit_ == 0) bad_exit_ = facts.exit_code, bad_run_ = runs_;
    return {};
  }

  // A later run that the budget cuts short is no failure: there was one that came to its end.
  void note_failure(const ScriptRun& run, bool is_first) {
    is_over_ = true;
    if (run.is_timed_out && !is_first && to_seconds(used()) >= to_seconds(request_.budget)) return;
    const std::string what =
        run.is_timed_out ? describe_timeout(to_seconds(request_.limit)) : run.how;
    failures_.push_back({.calls = {}, .what = fmt::format("run {}: {}", runs_, what)});
  }

  [[nodiscard]] Report report(Sources& sources) {
    if (request_.minds_gil) {
      const std::vector<std::string> modules(gil_enablers_.begin(), gil_enablers_.end());
      static_cast<void>(collected_.add(gil_findings(modules), std::nullopt));
    }
    Report report{.subject = request_.subject, .failures = std::move(failures_), .runs = runs_};
    fill_findings(report, collected_.settled(), sources);
    report.what_cannot_be_seen = what_cannot_be_seen({extensions_.begin(), extensions_.end()});
    note_exit(report);
    for (const std::string& each : raised_) report.notes.push_back("a thread ended with " + each);
    if (most_threads_ < 2 && report.failures.empty()) {
      report.not_tested.push_back(
          {.functions = {request_.subject}, .why = "it never ran two threads at the same time"});
    }
    report.verdict = judge(report, most_threads_ >= 2);
    report.seconds = to_seconds(used());
    return report;
  }

  // Tests that fail have run; whatever else ends with an exit code may have done so at its start.
  void note_exit(Report& report) const {
    if (bad_exit_ == 0) return;
    const std::string text = fmt::format("run {} ended with exit code {}", bad_run_, bad_exit_);
    const bool has_run = !request_.is_pytest || bad_exit_ == kPytestTestsFailed;
    if (has_run) {
      report.notes.push_back(text + (request_.is_pytest ? ": tests failed" : ""));
    } else {
      report.failures.push_back({.calls = {}, .what = text + ": pytest did not run the tests"});
    }
  }

  const ScriptRequest& request_;
  ScriptHost& host_;
  Clock& clock_;
  Progress& progress_;
  const Time start_;
  Collected collected_;
  std::deque<std::vector<Wait>> closer_;  // what to run again, with waits there
  std::vector<Failure> failures_;
  std::set<std::string> gil_enablers_;
  std::set<std::string> extensions_;
  std::set<std::string> raised_;
  Duration longest_{};
  std::size_t runs_ = 0;
  std::size_t most_threads_ = 0;
  int bad_exit_ = 0;
  std::size_t bad_run_ = 0;
  bool is_over_ = false;
};

}  // namespace

ScriptRun read_script_run(std::string_view lines) {
  ScriptRun run;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    if (end == std::string_view::npos) break;
    if (const auto line = json::Document::parse(lines.substr(0, end))) {
      if (const auto facts = line->root().find("end")) {
        run.facts = read_facts(*facts);
      } else if (auto finding = read_finding(line->root())) {
        run.findings.push_back(*std::move(finding));
      }
    }
    lines.remove_prefix(end + 1);
  }
  return run;
}

Result<Report> check_script(const ScriptRequest& request, ScriptHost& host, Clock& clock,
                            Sources& sources, Progress& progress) {
  return ScriptCheck(request, host, clock, progress).check(sources);
}

}  // namespace atonce::check
