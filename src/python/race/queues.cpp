// queue.SimpleQueue, which is written in C: what a thread knew goes with the item that it put
// there.
#include <mutex>
#include <unordered_map>

#include "python/race/containers.h"
#include "python/race/hooks.h"
#include "python/race/monitor.h"

namespace atonce::python::race {
namespace {

// By the item itself: two threads that put something at once are told apart so. Where the same
// object is in a queue twice, its takers know what both who put it there knew.
class Items final {
 public:
  void put(PyObject* queue, PyObject* item, const core::Clocks& known) {
    const std::lock_guard lock(mutex_);
    Waiting& waiting = waiting_[queue][item];
    waiting.known.join(known);
    ++waiting.count;
  }
  bool take(PyObject* queue, PyObject* item, core::Clocks& known) {
    const std::lock_guard lock(mutex_);
    const auto of_queue = waiting_.find(queue);
    if (of_queue == waiting_.end()) return false;
    const auto found = of_queue->second.find(item);
    if (found == of_queue->second.end()) return false;
    known = found->second.known;
    if (--found->second.count == 0) of_queue->second.erase(found);
    if (of_queue->second.empty()) waiting_.erase(of_queue);
    return true;
  }

 private:
  struct Waiting {
    core::Clocks known{};
    std::size_t count = 0;
  };
  std::mutex mutex_;
  std::unordered_map<PyObject*, std::unordered_map<PyObject*, Waiting>> waiting_;
};

Items& items() {
  static auto* const all = new Items;  // never ends: threads may outlive everything
  return *all;
}

void before_put(PyObject* queue, PyObject* item) {
  if (item != nullptr) items().put(queue, item, Monitor::thread().hand_over());
}

PyObject* after_get(PyObject* queue, PyObject* item) {
  core::Clocks known;
  if (item == nullptr || !items().take(queue, item, known)) return item;
  Monitor::thread().learn(known);
  let_others_in();
  return item;
}

using FastWithNames = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);
using MethodWithNames = PyObject* (*)(PyObject*, PyTypeObject*, PyObject* const*, Py_ssize_t,
                                      PyObject*);

FastWithNames original_put = nullptr;
FastWithNames original_put_nowait = nullptr;
MethodWithNames original_get = nullptr;
MethodWithNames original_get_nowait = nullptr;

PyObject* item_in(PyObject* const* args, Py_ssize_t count, PyObject* names) {
  if (count > 0) return args[0];
  for (Py_ssize_t at = 0; names != nullptr && at < PyTuple_GET_SIZE(names); ++at) {
    if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(names, at), "item") == 0) return args[at];
  }
  return nullptr;
}

template <FastWithNames* original>
PyObject* put(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* names) {
  before_put(self, item_in(args, count, names));
  return (*original)(self, args, count, names);
}

template <MethodWithNames* original>
PyObject* get(PyObject* self, PyTypeObject* type, PyObject* const* args, Py_ssize_t count,
              PyObject* names) {
  return after_get(self, (*original)(self, type, args, count, names));
}

}  // namespace

bool watch_queues() {
  const Ref module(PyImport_ImportModule("_queue"));
  const Ref type(module ? PyObject_GetAttrString(module.get(), "SimpleQueue") : nullptr);
  if (type) know_queue(reinterpret_cast<PyTypeObject*>(type.get()));
  constexpr int kFast = METH_FASTCALL | METH_KEYWORDS;
  return type && replace(type.get(), "put", kFast, &original_put, &put<&original_put>) &&
         replace(type.get(), "put_nowait", kFast, &original_put_nowait,
                 &put<&original_put_nowait>) &&
         replace(type.get(), "get", METH_METHOD | kFast, &original_get, &get<&original_get>) &&
         replace(type.get(), "get_nowait", METH_METHOD | kFast, &original_get_nowait,
                 &get<&original_get_nowait>);
}

}  // namespace atonce::python::race
