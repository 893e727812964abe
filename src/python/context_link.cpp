#include "python/context_link.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "python/convert.h"

namespace atonce::python {
namespace {

using engine::CallControl;
using engine::CallListener;

// What the capsule holds. The lock is held for a load alone, never across Python or a listener.
struct Watched {
  std::mutex mutex;
  const CallControl* control = nullptr;  // guarded by mutex; nullptr when the call has ended
  std::atomic<bool> is_unwinding = false;
};

struct Hearer {
  std::shared_ptr<CallListener> listener;  // nullptr when nobody hears the call, or no longer
  Time deadline;
};

Watched& watched_in(PyObject* capsule) {
  return *static_cast<Watched*>(PyCapsule_GetPointer(capsule, nullptr));
}

Hearer hearer_of(Watched& watched) {
  const std::lock_guard lock(watched.mutex);
  if (watched.control == nullptr) return {};
  return {.listener = watched.control->hearer(), .deadline = watched.control->deadline};
}

// The text of a str or bytes, for as long as the object lives; empty for anything else.
std::string_view view_of(PyObject* object) {
  if (PyBytes_Check(object)) {
    return {PyBytes_AS_STRING(object), static_cast<std::size_t>(PyBytes_GET_SIZE(object))};
  }
  Py_ssize_t size = 0;
  const char* text = PyUnicode_Check(object) ? PyUnicode_AsUTF8AndSize(object, &size) : nullptr;
  if (text == nullptr) PyErr_Clear();  // half a surrogate pair, for one
  return text != nullptr ? std::string_view(text, static_cast<std::size_t>(size)) : "";
}

// False with an exception set when it is no number.
bool read_number(PyObject* object, double& number) {
  number = PyFloat_AsDouble(object);
  return number != -1.0 || PyErr_Occurred() == nullptr;
}

PyObject* tell_progress(const Hearer& hearer, PyObject* const* args) {
  double done = 0;
  double total = 0;
  const bool has_total = args[1] != Py_None;
  if (!read_number(args[0], done) || (has_total && !read_number(args[1], total))) return nullptr;
  hearer.listener->on_progress(done, has_total ? std::optional(total) : std::nullopt,
                               view_of(args[2]));
  Py_RETURN_NONE;
}

PyObject* answer_of(std::string_view kind, const std::string& text) {
  return Py_BuildValue("(s#s#)", kind.data(), static_cast<Py_ssize_t>(kind.size()), text.data(),
                       static_cast<Py_ssize_t>(text.size()));
}

PyObject* tell_ask(const Attached& py, Watched& watched, const Hearer& hearer,
                   std::string_view requests) {
  if (!hearer.listener) return answer_of("refused", "the call has been answered already");
  CallListener::Answer answer;
  {
    const Detached while_it_waits(py);
    answer = hearer.listener->ask(requests, hearer.deadline);
  }
  switch (answer.kind) {
    case CallListener::Answer::Kind::answered: return answer_of("answered", answer.text);
    case CallListener::Answer::Kind::unwind:
      watched.is_unwinding.store(true);
      return answer_of("unwind", answer.text);
    case CallListener::Answer::Kind::refused: break;
  }
  return answer_of("refused", answer.text);
}

PyObject* tell_client(const Hearer& hearer) {
  const std::string client = hearer.listener ? hearer.listener->client() : "{}";
  return PyUnicode_FromStringAndSize(client.data(), static_cast<Py_ssize_t>(client.size()));
}

PyObject* is_stopped(PyObject* self, PyObject*) {
  Watched& watched = watched_in(self);
  const std::lock_guard lock(watched.mutex);
  return PyBool_FromLong(watched.control == nullptr || watched.control->is_stopped.load());
}

PyObject* tell(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  const Attached py(Attached::ByCaller{});
  Watched& watched = watched_in(self);
  const std::string_view what = count > 0 ? view_of(args[0]) : "";
  const Hearer hearer = hearer_of(watched);
  if (what == "ask" && count == 2) return tell_ask(py, watched, hearer, view_of(args[1]));
  if (what == "client" && count == 1) return tell_client(hearer);
  if (!hearer.listener) Py_RETURN_NONE;
  if (what == "progress" && count == 4) return tell_progress(hearer, args + 1);
  if (what == "log" && count == 4) {
    hearer.listener->on_log(view_of(args[1]), view_of(args[2]), view_of(args[3]));
    Py_RETURN_NONE;
  }
  if (what == "changed" && count == 2) {
    hearer.listener->on_changed(view_of(args[1]));
    Py_RETURN_NONE;
  }
  PyErr_Format(PyExc_SystemError, "tell() does not know what it is told");
  return nullptr;
}

PyMethodDef is_stopped_method = {"is_stopped", is_stopped, METH_NOARGS, nullptr};
PyMethodDef tell_method = {"tell", reinterpret_cast<PyCFunction>(reinterpret_cast<void*>(tell)),
                           METH_FASTCALL, nullptr};

}  // namespace

ContextLink::ContextLink(const Attached&, const CallControl& control) {
  auto watched = std::make_unique<Watched>();
  watched->control = &control;
  capsule_.reset(PyCapsule_New(watched.get(), nullptr,
                               [](PyObject* capsule) { delete &watched_in(capsule); }));
  if (capsule_) static_cast<void>(watched.release());
}

ContextLink& ContextLink::operator=(ContextLink&& other) noexcept {
  cut();
  capsule_ = std::move(other.capsule_);
  return *this;
}

void ContextLink::cut() {
  if (!capsule_) return;
  Watched& watched = watched_in(capsule_.get());
  const std::lock_guard lock(watched.mutex);
  watched.control = nullptr;
}

bool ContextLink::is_unwinding() const {
  return capsule_ && watched_in(capsule_.get()).is_unwinding.load();
}

Ref ContextLink::make_callable(PyMethodDef& method) const {
  return Ref(capsule_ ? PyCFunction_New(&method, capsule_.get()) : nullptr);
}

Ref ContextLink::is_stopped(const Attached&) const { return make_callable(is_stopped_method); }

Ref ContextLink::tell(const Attached&) const { return make_callable(tell_method); }

}  // namespace atonce::python
