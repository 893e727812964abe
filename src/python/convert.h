// Small conversions between Python objects and C++ values, and what a raised exception says.
// Functions that return C++ values leave no exception set.
#pragma once

#include <Python.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "python/attach.h"

namespace atonce::python {

// UTF-8; lone surrogates become U+FFFD. Empty for what is not a str or bytes.
[[nodiscard]] std::string to_text(const Attached& py, PyObject* object);

// The texts of a list or other sequence; none where it is not one.
[[nodiscard]] std::vector<std::string> to_texts(const Attached& py, PyObject* sequence);

// The attribute as text or as a number; what is missing gives "" and 0.
[[nodiscard]] std::string text_attribute(const Attached& py, PyObject* object, const char* name);
[[nodiscard]] double number_attribute(const Attached& py, PyObject* object, const char* name);
[[nodiscard]] bool flag_attribute(const Attached& py, PyObject* object, const char* name);
[[nodiscard]] std::vector<std::string> text_list_attribute(const Attached& py, PyObject* object,
                                                           const char* name);

// A list of str, decoded as file names are. Null, with the exception set, where that fails.
[[nodiscard]] Ref list_of(const Attached& py, const std::vector<std::filesystem::path>& paths);

// Takes the exception that is set; there must be one.
[[nodiscard]] Ref take_exception(const Attached& py);

// The exception that is set, as our Error: an atonce.ToolsError's message and hint, otherwise
// `internal` with the type and message.
[[nodiscard]] Error take_error(const Attached& py);

}  // namespace atonce::python
