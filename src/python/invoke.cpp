#include "python/invoke.h"

#include <chrono>
#include <utility>

#include "python/convert.h"

namespace atonce::python {
namespace {

using engine::CallControl;

bool is_generator(ToolKind kind) {
  return kind == ToolKind::generator || kind == ToolKind::async_generator;
}

// The Context without `tell` where nobody listens: then it costs no more than its two fields.
Ref make_context(const Attached& py, const Toolset& toolset, const CallControl& control,
                 const ContextLink& link) {
  const Ref ask = link.is_stopped(py);
  const Ref tell = control.listener ? link.tell(py) : share(Py_None);
  const std::chrono::duration<double> deadline = control.deadline.time_since_epoch();
  const Ref when(PyFloat_FromDouble(deadline.count()));
  if (!ask || !tell || !when) return nullptr;
  return Ref(PyObject_CallFunctionObjArgs(toolset.host().make_context, when.get(), ask.get(),
                                          tell.get(), nullptr));
}

// Joins the call with what hears it, as far as its tool has anything to say. False with an
// exception set.
bool connect(const Attached& py, const Toolset& toolset, const Tool& tool,
             const CallControl& control, Arguments& arguments) {
  const bool is_heard = control.listener && is_generator(tool.kind);
  if (tool.context_parameter == nullptr && !is_heard) return true;
  arguments.link = ContextLink(py, control);
  if (is_heard) {
    arguments.tell = arguments.link.tell(py);
    if (!arguments.tell) return false;
  }
  if (tool.context_parameter == nullptr) return true;
  const Ref context = make_context(py, toolset, control, arguments.link);
  return context &&
         PyDict_SetItem(arguments.kwargs.get(), tool.context_parameter, context.get()) == 0;
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
  PyObject* const tell = arguments.tell ? arguments.tell.get() : Py_None;
  return Ref(PyObject_CallFunctionObjArgs(toolset.host().drain, result.get(), tell, nullptr));
}

}  // namespace

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
  if (!connect(py, toolset, tool, control, arguments)) {
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

call::Outcome end_unwound(const Attached&) {
  PyErr_Clear();
  return call::Cancelled{};
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
  if (arguments->link.is_unwinding()) return end_unwound(py);
  return result ? to_outcome(py, toolset, tool, result.get()) : take_raised(py, toolset);
}

}  // namespace atonce::python
