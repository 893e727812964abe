#include "model/local_log.h"

#include <llama.h>

namespace atonce::model {
namespace {

std::mutex& log_mutex() {
  static std::mutex mutex;
  return mutex;
}

void drop(ggml_log_level, const char*, void*) {}

void receive(ggml_log_level level, const char* text, void* capture) {
  static_cast<LogCapture*>(capture)->take(level == GGML_LOG_LEVEL_ERROR, text);
}

}  // namespace

LogCapture::LogCapture(const std::function<void(std::string_view)>& sink)
    : lock_(log_mutex()), sink_(sink) {
  llama_log_set(receive, this);
}

LogCapture::~LogCapture() { llama_log_set(drop, nullptr); }

std::string LogCapture::first_error() const {
  const std::size_t colon = error_.rfind(": ");
  return colon == std::string::npos ? error_ : error_.substr(error_.find(": ") + 2);
}

void LogCapture::take(bool is_error, std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (text.empty()) return;
  // The first error is the cause; later ones only say that loading failed.
  if (is_error && error_.empty()) error_ = text;
  if (sink_) sink_(text);
}

}  // namespace atonce::model
