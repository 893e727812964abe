#include "python/race/monitor.h"

#include <unistd.h>

#include <algorithm>

namespace atonce::python::race {
namespace {

constexpr std::uint32_t kWaits = 6;  // at one site

// Whole, or not at all: the other side reads lines.
void write_line(int descriptor, const std::string& text) {
  const std::string line = text + "\n";
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t wrote = write(descriptor, line.data() + done, line.size() - done);
    if (wrote <= 0) return;
    done += static_cast<std::size_t>(wrote);
  }
}

}  // namespace

thread_local core::Thread* Monitor::current_ = nullptr;

std::atomic<Monitor*> Monitor::instance_ = nullptr;
std::atomic<bool> Monitor::has_delays_ = false;

Monitor& Monitor::make() {
  static auto* const monitor = new Monitor;
  instance_.store(monitor, std::memory_order_release);
  return *monitor;
}

core::Thread& Monitor::begin_in_slot(const core::Clocks* known) {
  static core::Thread overflow(0);  // more threads than can be told apart
  core::Thread* const thread = detector_.threads().begin(known);
  current_ = thread == nullptr ? &overflow : thread;
  return *current_;
}

core::Thread& Monitor::adopt_thread() { return begin_in_slot(nullptr); }

core::Thread& Monitor::begin_thread(const core::Clocks& known, const std::string& name) {
  core::Thread& thread = begin_in_slot(&known);
  thread.learn(known);
  thread.set_name(detector_.threads().names().number_of(name_alone(name)));
  return thread;
}

// Reports tell threads apart by their names.
std::string Monitor::name_alone(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const std::size_t times = ++thread_names_[name];
  return times == 1 ? name : name + " #" + std::to_string(times);
}

void Monitor::end_thread(core::Thread& thread) {
  detector_.threads().end(thread);
  current_ = nullptr;
}

void Monitor::start(const Options& options) {
  options_ = options;
  has_delays_.store(options.perturbs);
}

WatchedModule& Monitor::add_module(std::string name, std::string file) {
  const std::lock_guard lock(mutex_);
  return modules_.emplace_back(
      WatchedModule{.name = std::move(name), .file = std::move(file), .names = nullptr});
}

void Monitor::bind(WatchedModule& module, PyObject* names) {
  const std::lock_guard lock(mutex_);
  module.names = Py_NewRef(names);
  by_names_[names] = &module;
}

const WatchedModule* Monitor::find_module(PyObject* names) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_names_.find(names);
  return found == by_names_.end() ? nullptr : found->second;
}

void Monitor::describe(core::SiteId site, SiteText text) {
  const std::lock_guard lock(mutex_);
  if (texts_.size() <= site) texts_.resize(site + 1);
  texts_[site] = std::move(text);
  const bool waits =
      std::ranges::any_of(waits_, [&](const Wait& wait) { return is_at(wait, site); });
  if (waits) detector_.sites().of(site).delays.store(kWaits);
}

SiteText Monitor::text_of(core::SiteId site) const {
  const std::lock_guard lock(mutex_);
  return site < texts_.size() ? texts_[site] : SiteText();
}

bool Monitor::is_at(const Wait& wait, core::SiteId site) const {
  const SiteText& text = texts_[site];
  return text.line == wait.line && text.module != nullptr && text.module->file == wait.file;
}

void Monitor::wait_at(Wait wait) {
  const std::lock_guard lock(mutex_);
  for (core::SiteId site = 1; site < texts_.size(); ++site) {
    if (is_at(wait, site)) detector_.sites().of(site).delays.store(kWaits);
  }
  waits_.push_back(std::move(wait));
}

bool Monitor::is_to_wait(core::SiteId site, const std::string& element) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(waits_, [&](const Wait& wait) {
    return is_at(wait, site) &&
           (wait.element.empty() || element.empty() || wait.element == element);
  });
}

void Monitor::name_lock(PyObject* lock, std::string name) {
  const std::lock_guard guard(mutex_);
  lock_names_[address_of(lock)] = std::move(name);
}

std::string Monitor::name_of_lock(const core::HeldLock& lock) const {
  const std::lock_guard guard(mutex_);
  const auto found = lock_names_.find(lock.lock);
  if (found != lock_names_.end()) return found->second;
  return lock.site < texts_.size() ? texts_[lock.site].text : std::string();
}

bool Monitor::was_told(const std::string& sameness) const {
  const std::lock_guard lock(mutex_);
  return told_.contains(sameness);
}

void Monitor::add_finding(const std::string& sameness, const std::string& finding) {
  const std::lock_guard lock(mutex_);
  if (!told_.insert(sameness).second) return;
  findings_.push_back(finding);
  if (options_.sink >= 0) write_line(options_.sink, finding);
}

std::string Monitor::take_findings() {
  const std::lock_guard lock(mutex_);
  std::string all = "[";
  for (const std::string& finding : findings_) {
    if (all.size() > 1) all += ',';
    all += finding;
  }
  findings_.clear();
  return all + "]";
}

}  // namespace atonce::python::race
