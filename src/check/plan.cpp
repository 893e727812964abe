#include "check/plan.h"

#include <algorithm>
#include <random>

namespace atonce::check {
namespace {

// The first look is a short one, so that a slow tool does not take the time of all the others.
constexpr std::size_t kFirstCalls = 2;
constexpr std::size_t kLaterCalls = 4;

// Why calls of the two never run at the same time, as their own policies have it; else empty.
std::string kept_apart(const ToolFacts& one, const ToolFacts& other, bool is_same) {
  if (!one.serial_group.empty() && one.serial_group == other.serial_group) {
    return is_same ? "it is serial" : "they are of the serial group `" + one.serial_group + "`";
  }
  if (is_same && one.max_concurrency == 1) return "its max_concurrency is 1";
  return "";
}

}  // namespace

Plan::Plan(const std::vector<ToolFacts>& tools, const PlanOptions& options)
    : tools_(tools),
      most_rounds_(options.most_rounds),
      is_left_out_(tools.size(), false),
      is_hanging_(tools.size(), false) {
  leave_out(tools, options);
  is_unfit_ = is_left_out_;
  add_pairs(tools);
}

void Plan::leave_out(const std::vector<ToolFacts>& tools, const PlanOptions& options) {
  for (std::size_t at = 0; at < tools.size(); ++at) {
    const ToolFacts& tool = tools[at];
    NotTested left_out{.functions = {tool.name}, .why = {}};
    if (tool.is_destructive && !options.includes_destructive) {
      left_out.why = "it is marked destructive; --include-destructive runs it";
      left_out.is_wanted = false;
    } else if (tool.is_isolated) {
      left_out.why = "its calls run in processes of their own and share nothing";
      left_out.is_wanted = false;
    } else if (tool.arguments.empty()) {
      left_out.why = tool.trouble.empty() ? "no arguments could be made for it" : tool.trouble;
    }
    is_left_out_[at] = !left_out.why.empty();
    if (is_left_out_[at]) not_tested_.push_back(std::move(left_out));
  }
}

void Plan::add_pairs(const std::vector<ToolFacts>& tools) {
  for (std::size_t first = 0; first < tools.size(); ++first) {
    for (std::size_t second = first; second < tools.size(); ++second) {
      if (is_left_out_[first] || is_left_out_[second]) continue;
      const std::string why = kept_apart(tools[first], tools[second], first == second);
      if (why.empty()) {
        pairs_.push_back({first, second});
        progress_[pairs_.back()] = {};
        continue;
      }
      std::vector<std::string> functions{tools[first].name};
      if (second != first) functions.push_back(tools[second].name);
      not_tested_.push_back({std::move(functions), why, false});
    }
  }
}

std::optional<Job> Plan::next() {
  const Pair* chosen = nullptr;
  const Progress* best = nullptr;
  for (const Pair& pair : pairs_) {
    const Progress& progress = progress_[pair];
    if (progress.is_given_up || progress.started >= most_rounds_) continue;
    if (chosen == nullptr || rank_of(pair) < rank_of(*chosen)) chosen = &pair, best = &progress;
  }
  const bool is_first_look = best != nullptr && best->started == 0;
  if (!is_first_look && !closer_.empty()) {
    Job job = std::move(closer_.front());
    closer_.pop_front();
    if (progress_[job.pair].is_given_up) return next();
    job.seed = ++jobs_started_;
    return job;
  }
  if (chosen == nullptr) return std::nullopt;
  ++progress_[*chosen].started;
  Job job{.pair = *chosen, .seed = ++jobs_started_};
  job.before = others_before(job);
  return job;
}

// In the order of the file, as people put first what the rest needs; then in any order, and not
// all, as one of them may take away what another put there.
std::vector<std::size_t> Plan::others_before(const Job& job) const {
  const std::size_t round = progress_.at(job.pair).started;
  if (round == 1 || round % 4 == 0) return {};
  std::vector<std::size_t> others;
  for (std::size_t tool = 0; tool < tools_.size(); ++tool) {
    if (!is_unfit_[tool]) others.push_back(tool);
  }
  if (round == 2) return others;
  std::mt19937 chance(static_cast<std::uint32_t>(job.seed));
  std::ranges::shuffle(others, chance);
  others.resize(others.size() - others.size() / 3);
  return others;
}

void Plan::finish(const Job& job, std::size_t overlapped, const std::set<std::string>& slow) {
  progress_[job.pair].overlapped += overlapped;
  for (const std::size_t tool : {job.pair.first, job.pair.second}) {
    if (slow.contains(tools_[tool].name)) is_unfit_[tool] = true;
  }
}

// What does not hang first; of that what was never run, then what never met, then the rest.
std::tuple<bool, bool, std::size_t> Plan::rank_of(const Pair& pair) const {
  const Progress& progress = progress_.at(pair);
  return {is_hanging_[pair.first] || is_hanging_[pair.second],
          progress.overlapped > 0 && progress.started > 0, progress.started};
}

void Plan::give_up(const Job& job, const std::set<std::string>& hanging,
                   const std::set<std::string>& running) {
  progress_[job.pair].is_given_up = true;
  for (const std::size_t tool : {job.pair.first, job.pair.second}) {
    if (running.empty() || running.contains(tools_[tool].name)) is_unfit_[tool] = true;
    if (hanging.contains(tools_[tool].name)) is_hanging_[tool] = true;
  }
}

bool Plan::blame_others(const Job& job, const std::set<std::string>& running) {
  const auto is_running = [&](std::size_t tool) { return running.contains(tools_[tool].name); };
  if (is_running(job.pair.first) || is_running(job.pair.second)) return false;
  const auto culprit = std::ranges::find_if(job.before, is_running);
  if (culprit == job.before.end()) return false;
  is_unfit_[*culprit] = true;
  return true;
}

void Plan::look_closer(const Job& job, const std::vector<Wait>& delays) {
  closer_.push_back({.pair = job.pair, .delays = delays, .before = job.before});
}

std::vector<Pair> Plan::not_overlapped() const {
  std::vector<Pair> never;
  for (const Pair& pair : pairs_) {
    const Progress& progress = progress_.at(pair);
    if (progress.overlapped == 0 && !progress.is_given_up) never.push_back(pair);
  }
  return never;
}

double Plan::share_done() const {
  std::size_t left = closer_.size();
  for (const auto& [pair, progress] : progress_) {
    if (!progress.is_given_up) left += most_rounds_ - std::min(most_rounds_, progress.started);
  }
  const std::size_t all = left + jobs_started_;
  return all == 0 ? 1 : static_cast<double>(jobs_started_) / static_cast<double>(all);
}

// The same arguments in both threads in every other run, so that they meet on the same key; and
// one after the other, so that they do not always.
RunOrder Plan::order_for(const Job& job) const {
  const std::size_t round = progress_.at(job.pair).started;
  const bool is_first = round <= 1 && job.delays.empty();
  const std::size_t count = is_first ? kFirstCalls : kLaterCalls;
  const std::size_t from = is_first ? 0 : round;
  const std::size_t apart = round % 2 == 0 && job.delays.empty() ? 1 : 0;
  std::vector<ThreadOrder> before;
  for (const std::size_t tool : job.before) before.push_back(calls_of(tool, 1, 0));
  return {.threads = {calls_of(job.pair.first, count, from),
                      calls_of(job.pair.second, count, from + apart)},
          .before = std::move(before),
          .seed = job.seed,
          .perturbs = job.seed % 4 != 3,
          .delays = job.delays};
}

ThreadOrder Plan::calls_of(std::size_t tool, std::size_t count, std::size_t from) const {
  const std::vector<std::string>& known = tools_[tool].arguments;
  ThreadOrder thread{.tool = tool, .arguments = {}};
  for (std::size_t call = 0; call < count; ++call) {
    thread.arguments.push_back(known[(from + call) % known.size()]);
  }
  return thread;
}

}  // namespace atonce::check
