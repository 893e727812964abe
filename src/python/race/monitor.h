// What watches the program: the detector with what Python adds to it. One for the process.
//
// Thread safety: all functions from any thread that is attached to Python.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "python/attach.h"
#include "race/detector.h"
#include "race/lock_order.h"

namespace atonce::python::race {

namespace core = ::atonce::race;

[[nodiscard]] inline core::Address address_of(const void* object) {
  return reinterpret_cast<core::Address>(object);
}

// A module whose code is watched. Never ends.
struct WatchedModule {
  std::string name;  // as reports say it
  std::string file;
  PyObject* names = nullptr;  // its namespace, owned
};

// What a report says of a site.
struct SiteText {
  const WatchedModule* module = nullptr;
  std::string text;  // the expression
  std::string function;
  int line = 0;
};

// Where threads are made to wait after a read: on a line, at one element or any.
struct Wait {
  std::string file;
  int line = 0;
  std::string element = {};  // the text of its key; empty: any
};

struct Options {
  std::uint64_t seed = 0;
  bool perturbs = false;
  bool is_patient = false;  // threads that begin wait for others to have begun, too
  int sink = -1;            // a file descriptor that findings are written to as they come; -1: none
};

class Monitor final {
 public:
  // The one; made when it is first asked for, and never ended: threads may outlive everything.
  static Monitor& get() {
    Monitor* const monitor = instance_.load(std::memory_order_acquire);
    return monitor != nullptr ? *monitor : make();
  }

  [[nodiscard]] core::Detector& detector() { return detector_; }
  [[nodiscard]] core::LockOrder& lock_order() { return lock_order_; }

  // The calling thread, which is new to the monitor if it was not begun by one it knows.
  [[nodiscard]] static core::Thread& thread() {
    core::Thread* const thread = current_;
    return thread != nullptr ? *thread : get().adopt_thread();
  }
  // The calling thread begins, as `name`, and ends. Its slot may be that of a thread that ended, of
  // which it knows all that there is to know by what its parent handed to it.
  core::Thread& begin_thread(const core::Clocks& known, const std::string& name);
  void end_thread(core::Thread& thread);

  void start(const Options& options);
  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] bool perturbs() const { return options_.perturbs; }

  WatchedModule& add_module(std::string name, std::string file);
  [[nodiscard]] const WatchedModule* find_module(PyObject* names) const;
  void bind(WatchedModule& module, PyObject* names);

  void describe(core::SiteId site, SiteText text);
  [[nodiscard]] SiteText text_of(core::SiteId site) const;
  // The reads on that line, also of modules that come later, are to be followed by a wait, the
  // first few times.
  void wait_at(Wait wait);
  // Whether one that reads the element of that text is. An empty text: not known which.
  [[nodiscard]] bool is_to_wait(core::SiteId site, const std::string& element) const;
  [[nodiscard]] static bool has_delays() { return has_delays_.load(std::memory_order_relaxed); }

  // The name of a lock, from where it was put.
  void name_lock(PyObject* lock, std::string name);
  [[nodiscard]] std::string name_of_lock(const core::HeldLock& lock) const;

  // A finding, as one JSON object; those that are the same but for what happened when are told
  // once.
  [[nodiscard]] bool was_told(const std::string& sameness) const;
  void add_finding(const std::string& sameness, const std::string& finding);
  [[nodiscard]] std::string take_findings();

 private:
  core::Thread& adopt_thread();
  [[nodiscard]] std::string name_alone(const std::string& name);
  core::Thread& begin_in_slot(const core::Clocks* known);

  static Monitor& make();
  [[nodiscard]] bool is_at(const Wait& wait, core::SiteId site) const;

  static std::atomic<Monitor*> instance_;
  static std::atomic<bool> has_delays_;
  static thread_local core::Thread* current_;

  core::Detector detector_;
  core::LockOrder lock_order_;
  Options options_;
  mutable std::mutex mutex_;
  std::deque<WatchedModule> modules_;
  std::unordered_map<const PyObject*, const WatchedModule*> by_names_;
  std::vector<SiteText> texts_;
  std::vector<Wait> waits_;
  std::unordered_map<core::Address, std::string> lock_names_;
  std::unordered_map<std::string, std::size_t> thread_names_;  // how often each was given
  std::unordered_set<std::string> told_;
  std::vector<std::string> findings_;
};

}  // namespace atonce::python::race
