#include "engine/worker_pool.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <system_error>
#include <utility>

#include "engine/tool_state.h"
#include "engine/turn.h"

namespace atonce::engine {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// A look wakes a thread and so takes a core for some 15 microseconds. Calls that compute, seen
// again and again, are looked at less often; a call just begun is looked at soon.
constexpr microseconds kShortestPause{250};
constexpr microseconds kLongestPause{2'000};
constexpr int kRest = 4;  // times as long as the look took: it holds the lock that workers need
constexpr std::size_t kWidest = 64;

Duration cpu_time_of(std::thread& thread) {
  clockid_t clock{};
  timespec time{};
  if (pthread_getcpuclockid(thread.native_handle(), &clock) != 0) return {};
  if (clock_gettime(clock, &time) != 0) return {};
  return std::chrono::seconds(time.tv_sec) + Duration(time.tv_nsec);
}

// Whether the kernel says the thread sleeps. A thread that waits for a core makes no progress
// either, but it computes.
bool is_asleep(pid_t thread_id) {
  char path[64];
  std::snprintf(path, sizeof path, "/proc/self/task/%d/stat", static_cast<int>(thread_id));
  std::FILE* file = std::fopen(path, "re");
  if (file == nullptr) return true;
  char state = 'S';
  const bool is_read = std::fscanf(file, "%*d (%*[^)]) %c", &state) == 1;
  std::fclose(file);
  return !is_read || state != 'R';
}

// One whose call is over sleeps, too, while it waits for a lock of ours.
bool is_in_call(Worker& worker) {
  const std::lock_guard lock(worker.mutex);
  return worker.running != nullptr;
}

}  // namespace

WorkerPool::WorkerPool(Backend& backend, Clock& clock, PoolOptions options, Hooks hooks)
    : backend_(backend), clock_(clock), options_(options), hooks_(std::move(hooks)) {}

WorkerPool::~WorkerPool() {
  for (const auto& worker : departed_) worker->thread.join();
}

bool WorkerPool::submit(const std::vector<Task*>& tasks) {
  bool begins_to_wait = false;
  bool exhausted = false;
  {
    const std::lock_guard lock(mutex_);
    queue_.insert(queue_.end(), tasks.begin(), tasks.end());
    begins_to_wait = wake_for_queue() && !std::exchange(is_watched_, true);
    exhausted = stuck_ >= options_.max_threads;
  }
  if (begins_to_wait) hooks_.wants_watch();
  return exhausted;
}

std::size_t WorkerPool::startable() const {
  std::size_t places = place_limit() - std::min(place_limit(), places_taken_);
  std::size_t count = 0;
  for (const Task* task : queue_) {
    const bool needs_place = !task->tool->is_known_to_block();
    if ((needs_place && places == 0) || count == options_.max_threads) break;
    places -= needs_place ? 1 : 0;
    ++count;
  }
  return count;
}

bool WorkerPool::wake_for_queue() {
  const std::size_t wanted = startable();
  const bool some_wait = wanted < queue_.size();
  std::size_t missing = wanted - std::min(wanted, waking_ + starting_);
  for (; missing > 0 && idle_ > 0; --missing) {
    --idle_;
    ++waking_;
    wake_.notify_one();
  }
  for (; missing > 0 && workers_.size() < options_.max_threads; --missing) {
    if (!add_worker()) break;
  }
  return some_wait || missing > 0;
}

bool WorkerPool::add_worker() {
  for (const auto& worker : std::exchange(departed_, {})) worker->thread.join();
  workers_.push_back(std::make_unique<Worker>());
  Worker& worker = *workers_.back();
  worker.number = ++numbered_;
  try {
    worker.thread = std::thread([this, &worker] { work(worker); });
  } catch (const std::system_error&) {  // a limit on threads or memory; watch() tries again
    workers_.pop_back();
    return false;
  }
  ++starting_;
  return true;
}

void WorkerPool::work(Worker& worker) {
  worker.thread_id = gettid();
  worker.lane = backend_.open_lane(worker.number);
  {
    const std::lock_guard lock(mutex_);
    --starting_;
  }
  while (Task* task = take_next(worker)) hooks_.run(worker, *task);
  worker.lane.reset();
  depart(worker);
}

Task* WorkerPool::take_next(Worker& worker) {
  std::unique_lock lock(mutex_);
  put_down(worker);
  bool may_leave = false;
  for (;;) {
    if (Task* task = pick_up(worker)) return task;
    if (is_stopping_ || may_leave) return nullptr;
    wait_for_work(lock, may_leave);
  }
}

void WorkerPool::put_down(Worker& worker) {
  release_place(worker);
  if (std::exchange(worker.is_stuck, false)) --stuck_;
  if (worker.picked_up_at && clock_.now() - *worker.picked_up_at < kShortestPause) {
    worker.tool->saw_quick();
  }
  worker.picked_up_at.reset();
  worker.tool = nullptr;
}

Task* WorkerPool::pick_up(Worker& worker) {
  if (queue_.empty()) {
    widening_ = 1;
    return nullptr;
  }
  Task* const task = queue_.front();
  const bool needs_place = !task->tool->is_known_to_block();
  if (needs_place && places_taken_ >= place_limit()) return nullptr;
  queue_.pop_front();
  worker.holds_place = needs_place;
  places_taken_ += needs_place ? 1 : 0;
  worker.tool = task->tool;
  if (task->tool->may_block()) worker.picked_up_at = clock_.now();
  worker.cpu_seen.reset();
  look_pause_ = kShortestPause;
  return task;
}

void WorkerPool::wait_for_work(std::unique_lock<std::mutex>& lock, bool& may_leave) {
  const bool is_extra = workers_.size() - stuck_ > options_.places;
  const Time until = is_extra ? clock_.now() + options_.idle_life : Time::max();
  ++idle_;
  clock_.wait_until(lock, wake_, until);
  if (waking_ > 0) {
    --waking_;
  } else {
    --idle_;  // nobody told it to wake
    may_leave = is_extra && clock_.now() >= until;
  }
}

void WorkerPool::release_place(Worker& worker) {
  if (std::exchange(worker.holds_place, false)) --places_taken_;
}

WorkerPool::Overdue WorkerPool::overdue(Time now) {
  Overdue overdue;
  const std::lock_guard lock(mutex_);
  for (const auto& worker : workers_) {
    const std::lock_guard running_lock(worker->mutex);
    Task* const task = worker->running;
    if (task == nullptr || task->is_answered.load()) continue;
    if (task->control.deadline <= now) {
      overdue.tasks.push_back(
          {task->turn->shared_from_this(), task, std::string(worker->lane->name())});
    } else {
      overdue.next = std::min(overdue.next, task->control.deadline);
    }
  }
  return overdue;
}

void WorkerPool::interrupt_answered() {
  const std::lock_guard lock(mutex_);
  for (const auto& worker : workers_) {
    const std::lock_guard running_lock(worker->mutex);
    Task* const task = worker->running;
    if (task == nullptr || !task->is_answered.load() || worker->is_stuck) continue;
    worker->lane->interrupt(task->control.ticket);
    release_place(*worker);
    worker->is_stuck = true;
    ++stuck_;
  }
  wake_for_queue();
}

void WorkerPool::for_each_running(const std::function<void(const Task&)>& show) const {
  const std::lock_guard lock(mutex_);
  for (const auto& worker : workers_) {
    const std::lock_guard running_lock(worker->mutex);
    if (worker->running != nullptr) show(*worker->running);
  }
}

Time WorkerPool::watch(Time now) {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) {
    is_watched_ = false;
    return Time::max();
  }
  bool computes = false;
  for (const auto& worker : workers_) look_at(*worker, now, computes);
  const bool all_block = !computes && places_taken_ == 0;
  widening_ = all_block ? std::min(widening_ * 2, kWidest) : (computes ? 1 : widening_);
  const Duration pause = look_pause_;
  look_pause_ = computes ? std::min<Duration>(pause * 2, kLongestPause) : kShortestPause;
  wake_for_queue();
  const Time end = clock_.now();
  return end + pause + (end - now) * kRest;
}

// A worker's first look at a call only takes its processor time; the next one sees what it did.
void WorkerPool::look_at(Worker& worker, Time now, bool& computes) {
  if (worker.tool == nullptr || worker.is_stuck) return;
  const Duration cpu = cpu_time_of(worker.thread);
  const std::optional<Duration> before = std::exchange(worker.cpu_seen, cpu);
  const Duration elapsed = now - std::exchange(worker.seen_at, now);
  if (!before || elapsed <= Duration::zero()) return;
  const bool got_a_core = (cpu - *before) * 10 > elapsed;
  // To ask the kernel is dear: it is done of those alone who have a place to give away.
  if (got_a_core || (worker.holds_place && !is_asleep(worker.thread_id))) {
    computes = true;
    worker.tool->saw_computing();
    if (!worker.holds_place) ++places_taken_;
    worker.holds_place = true;
  } else if (worker.holds_place && is_in_call(worker)) {
    worker.tool->saw_blocking();
    release_place(worker);
  }
}

void WorkerPool::depart(Worker& worker) {
  const std::lock_guard lock(mutex_);
  const auto at = std::ranges::find(workers_, &worker, &std::unique_ptr<Worker>::get);
  if (at == workers_.end()) return;  // stop() has left it behind
  departed_.push_back(std::move(*at));
  workers_.erase(at);
  left_.notify_all();
}

std::vector<Task*> WorkerPool::take_out_all() {
  const std::lock_guard lock(mutex_);
  std::vector<Task*> tasks(queue_.begin(), queue_.end());
  queue_.clear();
  return tasks;
}

std::size_t WorkerPool::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

std::size_t WorkerPool::threads() const {
  const std::lock_guard lock(mutex_);
  return workers_.size();
}

bool WorkerPool::is_exhausted() const {
  const std::lock_guard lock(mutex_);
  return stuck_ >= options_.max_threads;
}

void WorkerPool::begin_stop() {
  const std::lock_guard lock(mutex_);
  is_stopping_ = true;
  wake_.notify_all();
}

bool WorkerPool::wait_until_empty(Time until) {
  std::unique_lock lock(mutex_);
  while (!workers_.empty() && clock_.now() < until) clock_.wait_until(lock, left_, until);
  return workers_.empty();
}

std::vector<std::string> WorkerPool::abandon() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (auto& worker : workers_) {
    names.push_back(worker->tool != nullptr ? worker->tool->spec->name
                                            : "worker " + std::to_string(worker->number));
    worker->thread.detach();
  }
  abandoned_.splice(abandoned_.end(), workers_);
  return names;
}

}  // namespace atonce::engine
