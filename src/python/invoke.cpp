#include "python/invoke.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

#include "python/convert.h"

namespace atonce::python {
namespace {

using engine::CallControl;

// What a ContextLink's capsule holds. The lock is held for a load alone, never across Python.
struct Watched {
  std::mutex mutex;
  const CallControl* control;  // guarded by mutex; nullptr when the call has ended
};

Watched* watched_in(PyObject* capsule) {
  return static_cast<Watched*>(PyCapsule_GetPointer(capsule, nullptr));
}

PyObject* is_stopped(PyObject* self, PyObject*) {
  Watched* const watched = watched_in(self);
  const std::lock_guard lock(watched->mutex);
  return PyBool_FromLong(watched->control == nullptr || watched->control->is_stopped.load());
}

PyMethodDef is_stopped_method = {"is_stopped", is_stopped, METH_NOARGS, nullptr};

Ref make_context(const Attached& py, const Toolset& toolset, const CallControl& control,
                 const ContextLink& link) {
  const Ref ask = link.is_stopped(py);
  const std::chrono::duration<double> deadline = control.deadline.time_since_epoch();
  const Ref when(PyFloat_FromDouble(deadline.count()));
  if (!ask || !when) return nullptr;
  return Ref(
      PyObject_CallFunctionObjArgs(toolset.host().make_context, when.get(), ask.get(), nullptr));
}

// The validator's answer, from the repairing second try when the first one fails.
Ref validate(const Attached& py, const Toolset& toolset, const Tool& tool, PyObject* json) {
  Ref arguments(PyObject_CallOneArg(tool.validate, json));
  if (arguments) return arguments;
  const Ref first = take_exception(py);
  return Ref(PyObject_CallFunctionObjArgs(toolset.host().revalidate, tool.tool, json, nullptr));
}

call::Outcome take_invalid(const Attached& py, const Toolset& toolset, const Tool& tool,
                           PyObject* json) {
  const Ref exception = take_exception(py);
  const Ref told(PyObject_CallFunctionObjArgs(toolset.host().explain_invalid, tool.tool,
                                              exception.get(), json, nullptr));
  if (!told || !PyTuple_Check(told.get()) || PyTuple_GET_SIZE(told.get()) != 2) {
    return take_raised(py, toolset);
  }
  return call::Invalid{.type = "invalid_arguments",
                       .message = to_text(py, PyTuple_GET_ITEM(told.get(), 0)),
                       .problems = to_text(py, PyTuple_GET_ITEM(told.get(), 1))};
}

// A context of its own for each call: what one sets in a ContextVar, the next does not see.
class CallContext final {
 public:
  explicit CallContext(const Attached&) : context_(PyContext_New()) {
    if (context_) PyContext_Enter(context_.get());
  }
  ~CallContext() {
    if (context_) PyContext_Exit(context_.get());
  }
  CallContext(const CallContext&) = delete;
  CallContext& operator=(const CallContext&) = delete;

 private:
  Ref context_;
};

Ref call_function(const Attached&, const Toolset& toolset, const Tool& tool,
                  const Arguments& arguments) {
  Ref result(PyObject_Call(tool.function, arguments.args.get(), arguments.kwargs.get()));
  if (!result || tool.kind != ToolKind::generator) return result;
  return Ref(PyObject_CallOneArg(toolset.host().drain, result.get()));
}

}  // namespace

ContextLink::ContextLink(const Attached&, const CallControl& control) {
  auto watched = std::make_unique<Watched>();
  watched->control = &control;
  capsule_.reset(
      PyCapsule_New(watched.get(), nullptr, [](PyObject* capsule) { delete watched_in(capsule); }));
  if (capsule_) static_cast<void>(watched.release());
}

ContextLink::~ContextLink() {
  if (!capsule_) return;
  Watched* const watched = watched_in(capsule_.get());
  const std::lock_guard lock(watched->mutex);
  watched->control = nullptr;
}

Ref ContextLink::is_stopped(const Attached&) const {
  return Ref(capsule_ ? PyCFunction_New(&is_stopped_method, capsule_.get()) : nullptr);
}

std::expected<Arguments, call::Outcome> read_arguments(const Attached& py, const Toolset& toolset,
                                                       const Tool& tool, const call::Call& call,
                                                       CallControl& control) {
  const Ref json(PyBytes_FromStringAndSize(call.arguments.data(),
                                           static_cast<Py_ssize_t>(call.arguments.size())));
  if (!json) return std::unexpected(take_raised(py, toolset));
  const Ref validated = validate(py, toolset, tool, json.get());
  if (!validated) return std::unexpected(take_invalid(py, toolset, tool, json.get()));
  if (!PyTuple_Check(validated.get()) || PyTuple_GET_SIZE(validated.get()) != 2) {
    PyErr_SetString(PyExc_SystemError, "the validator did not give (args, kwargs)");
    return std::unexpected(take_raised(py, toolset));
  }
  Arguments arguments{.args = share(PyTuple_GET_ITEM(validated.get(), 0)),
                      .kwargs = share(PyTuple_GET_ITEM(validated.get(), 1))};
  if (tool.context_parameter == nullptr) return arguments;
  arguments.link = ContextLink(py, control);
  const Ref context = make_context(py, toolset, control, arguments.link);
  if (!context ||
      PyDict_SetItem(arguments.kwargs.get(), tool.context_parameter, context.get()) != 0) {
    return std::unexpected(take_raised(py, toolset));
  }
  return arguments;
}

call::Outcome take_raised(const Attached& py, const Toolset& toolset) {
  const Ref exception = take_exception(py);
  if (!exception) return call::Raised{.type = "SystemError", .message = "no exception was set"};
  const Ref told(PyObject_CallOneArg(toolset.host().describe_raised, exception.get()));
  if (!told || !PyTuple_Check(told.get()) || PyTuple_GET_SIZE(told.get()) != 3) {
    PyErr_Clear();
    return call::Raised{.type = Py_TYPE(exception.get())->tp_name,
                        .message = "the exception could not be described"};
  }
  return call::Raised{.type = to_text(py, PyTuple_GET_ITEM(told.get(), 0)),
                      .message = to_text(py, PyTuple_GET_ITEM(told.get(), 1)),
                      .traceback = to_text(py, PyTuple_GET_ITEM(told.get(), 2))};
}

call::Outcome to_outcome(const Attached& py, const Toolset& toolset, const Tool& tool,
                         PyObject* result) {
  const HostFunctions& host = toolset.host();
  Ref json;
  if (tool.serialize != nullptr) {
    json.reset(PyObject_CallOneArg(tool.serialize, result));
  } else {
    PyObject* const arguments[] = {result, host.to_json_values[0], host.to_json_values[1],
                                   host.to_json_values[2]};
    json.reset(PyObject_Vectorcall(host.to_json, arguments, 1, host.to_json_names));
  }
  if (json) return call::Returned{to_text(py, json.get())};
  call::Outcome outcome = take_raised(py, toolset);
  auto& raised = std::get<call::Raised>(outcome);
  raised.message = "a result of type " + std::string(Py_TYPE(result)->tp_name) +
                   " cannot become JSON: " + raised.message;
  raised.type = "unserializable_result";
  return outcome;
}

call::Outcome invoke(const Attached& py, const Toolset& toolset, const Tool& tool,
                     const call::Call& call, CallControl& control, RunningCall& running) {
  const CallContext context(py);
  const auto arguments = read_arguments(py, toolset, tool, call, control);
  if (!arguments) return arguments.error();
  Ref result;
  {
    const Interruptible from_here(py, running, control);
    if (control.is_stopped.load()) return call::Cancelled{};  // interrupt() came too early
    result = call_function(py, toolset, tool, *arguments);
  }
  return result ? to_outcome(py, toolset, tool, result.get()) : take_raised(py, toolset);
}

}  // namespace atonce::python
