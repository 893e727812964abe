// Locks: their methods in C, and what they tell the detector.
#include <ctime>
#include <random>

#include "python/race/access.h"
#include "python/race/attributes.h"
#include "python/race/hooks.h"
#include "python/race/monitor.h"

namespace atonce::python::race {
namespace {

using Microseconds = std::uint32_t;

void sleep_for(Microseconds time) {
  Py_BEGIN_ALLOW_THREADS const timespec wait{.tv_sec = 0,
                                             .tv_nsec = static_cast<long>(time) * 1000};
  nanosleep(&wait, nullptr);
  Py_END_ALLOW_THREADS
}

std::minstd_rand& chance() {
  thread_local std::minstd_rand generator(static_cast<std::uint32_t>(
      Monitor::get().options().seed * 7919 + Monitor::thread().slot() * 104729 + 1));
  return generator;
}

// A lock that cannot be taken twice, and is, was given back by another thread in between.
void after_taking(PyObject* lock, bool may_wait, bool is_reentrant) {
  core::Thread& thread = Monitor::thread();
  const core::SiteId site = thread.lock_site;
  thread.lock_site = 0;
  if (thread.hidden > 0) return;
  Monitor& monitor = Monitor::get();
  const core::Address address = address_of(lock);
  core::Block& block = monitor.detector().shadow().of(address);
  if (block.is_ignored()) return;
  if (core::HeldLock* const held = thread.find_lock(address)) {
    if (is_reentrant) {
      ++held->times;
      return;
    }
    thread.forget_lock(address);
  }
  const core::HeldLock held{.lock = address, .site = site};
  if (site != 0 && may_wait && !thread.held().empty()) {
    for (const auto& cycle : monitor.lock_order().take(thread, held)) report_cycle(cycle);
  }
  thread.take_lock(held, block.lock_clocks());
  if (!may_wait) let_others_in();  // who only tries finds it taken
}

// Before it is given back: who takes it next knows then.
void before_giving(PyObject* lock, bool all_times) {
  core::Thread& thread = Monitor::thread();
  if (thread.hidden > 0) return;
  Monitor& monitor = Monitor::get();
  const core::Address address = address_of(lock);
  core::Block& block = monitor.detector().shadow().of(address);
  if (block.is_ignored()) return;
  core::HeldLock* const held = thread.find_lock(address);
  if (held != nullptr && held->times > 1 && !all_times) {
    --held->times;
    return;
  }
  if (held == nullptr) monitor.lock_order().forget(address);  // a signal, not a lock
  thread.give_lock(address, block.lock_clocks());
}

bool may_wait(PyObject* args, PyObject* names) {
  PyObject* blocking = PyTuple_GET_SIZE(args) > 0 ? PyTuple_GET_ITEM(args, 0) : nullptr;
  if (names != nullptr && blocking == nullptr) blocking = PyDict_GetItemString(names, "blocking");
  return blocking == nullptr || PyObject_IsTrue(blocking) == 1;
}

// What the functions in C were, by a number: one hook for each, as they have no other memory.
template <std::size_t at>
PyCFunction original = nullptr;
template <std::size_t at>
PyCFunctionWithKeywords original_with_names = nullptr;

template <std::size_t at, bool is_reentrant>
PyObject* take_with_arguments(PyObject* self, PyObject* args, PyObject* names) {
  PyObject* const result = original_with_names<at>(self, args, names);
  if (result == Py_True) after_taking(self, may_wait(args, names), is_reentrant);
  return result;
}

template <std::size_t at>
PyObject* take_without_arguments(PyObject* self, PyObject* nothing) {
  PyObject* const result = original<at>(self, nothing);
  if (result != nullptr) after_taking(self, true, true);
  return result;
}

template <std::size_t at, bool all_times>
PyObject* give(PyObject* self, PyObject* args) {
  before_giving(self, all_times);
  PyObject* const result = original<at>(self, args);
  if (result != nullptr && !all_times) {
    let_others_in();
  }
  return result;
}

constexpr int kWithNames = METH_VARARGS | METH_KEYWORDS;

bool watch_simple_lock(PyObject* type) {
  return replace(type, "acquire", kWithNames, &original_with_names<0>,
                 &take_with_arguments<0, false>) &&
         replace(type, "acquire_lock", kWithNames, &original_with_names<1>,
                 &take_with_arguments<1, false>) &&
         replace(type, "__enter__", kWithNames, &original_with_names<2>,
                 &take_with_arguments<2, false>) &&
         replace(type, "release", METH_NOARGS, &original<3>, &give<3, false>) &&
         replace(type, "release_lock", METH_NOARGS, &original<4>, &give<4, false>) &&
         replace(type, "__exit__", METH_VARARGS, &original<5>, &give<5, false>);
}

bool watch_reentrant_lock(PyObject* type) {
  return replace(type, "acquire", kWithNames, &original_with_names<6>,
                 &take_with_arguments<6, true>) &&
         replace(type, "__enter__", kWithNames, &original_with_names<7>,
                 &take_with_arguments<7, true>) &&
         replace(type, "release", METH_NOARGS, &original<8>, &give<8, false>) &&
         replace(type, "__exit__", METH_VARARGS, &original<9>, &give<9, false>) &&
         replace(type, "_release_save", METH_NOARGS, &original<10>, &give<10, true>) &&
         replace(type, "_acquire_restore", METH_VARARGS, &original<11>,
                 &take_without_arguments<11>);
}

}  // namespace

void let_others_in() {
  if (!Monitor::get().perturbs() || Monitor::get().detector().threads().running() < 2) return;
  core::Thread& thread = Monitor::thread();
  if (thread.hidden > 0) return;
  if (thread.delay > 0) {
    const Microseconds time = thread.delay;
    thread.delay = 0;
    sleep_for(time);
    return;
  }
  thread_local unsigned times = 0;
  ++times;
  const unsigned one_in = times <= 1 ? 1 : times <= 8 ? 2 : times <= 64 ? 8 : 2048;
  if (chance()() % one_in != 0) return;
  sleep_for(50 + static_cast<Microseconds>(chance()() % 900));
}

bool watch_locks() {
  const Ref module(PyImport_ImportModule("_thread"));
  if (!module) return false;
  const Ref simple(PyObject_GetAttrString(module.get(), "lock"));
  const Ref reentrant(PyObject_GetAttrString(module.get(), "RLock"));
  return simple && reentrant && watch_simple_lock(simple.get()) &&
         watch_reentrant_lock(reentrant.get());
}

// A reference that has just been put there for the first time leads to something that may not be
// complete: so others get time to find it.
void pause_after_publication(core::Thread& thread) {
  constexpr unsigned kMostPauses = 4;
  thread_local unsigned pauses = 0;
  thread.has_published = false;
  if (Monitor::get().detector().threads().running() > 1 && pauses++ < kMostPauses) {
    sleep_for(1500);
  }
}

// Whether another thread has read there what this one has.
static bool was_met(const core::Location& location, std::uint32_t slot) {
  bool is_met = false;
  location.each_read([&](core::Epoch read) { is_met |= read.thread() != slot; });
  return is_met;
}

// Until another thread has read the same, and has not acted upon it yet.
static void wait_for_another(const core::Location& location, std::uint32_t slot) {
  constexpr Microseconds kStep = 500;
  constexpr Microseconds kPatience = 200'000;
  for (Microseconds waited = 0; waited < kPatience && !was_met(location, slot); waited += kStep) {
    sleep_for(kStep);
  }
}

// In every other run another thread waits, so that not all do.
void wait_at(const Site& site, PyObject* key) {
  if (!Monitor::get().perturbs()) return;
  core::Thread& thread = Monitor::thread();
  if (thread.has_published) pause_after_publication(thread);
  core::SiteFacts& facts = Monitor::get().detector().sites().of(site.id);
  if (facts.delays.load(std::memory_order_relaxed) == 0) return;
  if (!Monitor::get().is_to_wait(site.id, key == nullptr ? "" : text_of(key))) return;
  if (facts.delays.fetch_sub(1) == 0) {
    facts.delays.store(0);
    return;
  }
  constexpr Microseconds kLong = 8000;
  if (!thread.held().empty()) {
    thread.delay = kLong;  // when it has given back what keeps others out
  } else if ((thread.slot() + Monitor::get().options().seed) % 2 == 0 &&
             thread.last_read != nullptr) {
    wait_for_another(*thread.last_read, thread.slot());
  } else {
    sleep_for(kLong);
  }
}

}  // namespace atonce::python::race
