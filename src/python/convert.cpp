#include "python/convert.h"

#include "base/json.h"

namespace atonce::python {
namespace {

std::string text_or_repr(const Attached& py, PyObject* exception) {
  const Ref text(PyObject_Str(exception));
  if (!text) PyErr_Clear();
  return text ? to_text(py, text.get()) : "its message could not be made";
}

}  // namespace

std::string to_text(const Attached&, PyObject* object) {
  if (object == nullptr) return {};
  if (PyBytes_Check(object)) {
    return std::string(PyBytes_AS_STRING(object),
                       static_cast<std::size_t>(PyBytes_GET_SIZE(object)));
  }
  if (!PyUnicode_Check(object)) return {};
  Py_ssize_t size = 0;
  if (const char* text = PyUnicode_AsUTF8AndSize(object, &size)) {
    return std::string(text, static_cast<std::size_t>(size));
  }
  PyErr_Clear();
  const Ref bytes(PyUnicode_AsEncodedString(object, "utf-8", "surrogatepass"));
  if (!bytes) PyErr_Clear();
  return bytes ? json::to_valid_utf8(PyBytes_AS_STRING(bytes.get())) : std::string();
}

std::vector<std::string> to_texts(const Attached& py, PyObject* sequence) {
  std::vector<std::string> texts;
  const Ref items(sequence != nullptr ? PySequence_Tuple(sequence) : nullptr);
  if (!items) {
    PyErr_Clear();
    return texts;
  }
  for (Py_ssize_t at = 0; at < PyTuple_GET_SIZE(items.get()); ++at) {
    texts.push_back(to_text(py, PyTuple_GET_ITEM(items.get(), at)));
  }
  return texts;
}

std::string text_attribute(const Attached& py, PyObject* object, const char* name) {
  const Ref value(PyObject_GetAttrString(object, name));
  if (!value) PyErr_Clear();
  return to_text(py, value.get());
}

double number_attribute(const Attached&, PyObject* object, const char* name) {
  const Ref value(PyObject_GetAttrString(object, name));
  const double number = value && value.get() != Py_None ? PyFloat_AsDouble(value.get()) : 0.0;
  if (PyErr_Occurred() == nullptr) return number;
  PyErr_Clear();
  return 0.0;
}

bool flag_attribute(const Attached&, PyObject* object, const char* name) {
  const Ref value(PyObject_GetAttrString(object, name));
  if (!value) PyErr_Clear();
  return value && PyObject_IsTrue(value.get()) == 1;
}

std::vector<std::string> text_list_attribute(const Attached& py, PyObject* object,
                                             const char* name) {
  const Ref value(PyObject_GetAttrString(object, name));
  if (!value) PyErr_Clear();
  return to_texts(py, value.get());
}

Ref list_of(const Attached&, const std::vector<std::filesystem::path>& paths) {
  Ref list(PyList_New(0));
  for (const auto& path : paths) {
    const Ref text(PyUnicode_DecodeFSDefault(path.c_str()));
    if (!list || !text || PyList_Append(list.get(), text.get()) != 0) return nullptr;
  }
  return list;
}

Ref take_exception(const Attached&) { return Ref(PyErr_GetRaisedException()); }

Error take_error(const Attached& py) {
  const Ref exception = take_exception(py);
  if (!exception) return {ErrorCode::internal, "Python failed without an exception"};
  const std::string type = Py_TYPE(exception.get())->tp_name;
  std::string message = text_attribute(py, exception.get(), "message");
  if (type.ends_with("ToolsError") && !message.empty()) {
    return {ErrorCode::bad_tools, std::move(message), text_attribute(py, exception.get(), "hint")};
  }
  return {ErrorCode::internal, type + ": " + text_or_repr(py, exception.get())};
}

}  // namespace atonce::python
