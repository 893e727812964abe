#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace atonce {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
    case LogLevel::off: return spdlog::level::off;
  }
  return spdlog::level::off;
}

}  // namespace

struct Log::Impl {
  spdlog::logger logger{"atonce", std::make_shared<spdlog::sinks::stderr_sink_mt>()};
};

Result<LogLevel> parse_log_level(std::string_view name) {
  if (name == "debug") return LogLevel::debug;
  if (name == "info") return LogLevel::info;
  if (name == "warning") return LogLevel::warning;
  if (name == "error") return LogLevel::error;
  if (name == "off") return LogLevel::off;
  return failure(ErrorCode::bad_input, "unknown log level `" + std::string(name) + "`",
                 "use debug, info, warning, error or off");
}

Log::Log(LogLevel least) : least_(least), impl_(std::make_unique<Impl>()) {
  impl_->logger.set_pattern("%l %Y-%m-%dT%H:%M:%S.%e %v");
  impl_->logger.set_level(to_spdlog(least));
}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view component, std::initializer_list<Field> fields) {
  if (!is_on(level)) return;
  std::string line(component);
  for (const Field& field : fields) {
    line.append(" ").append(field.key).append("=").append(field.value);
  }
  impl_->logger.log(to_spdlog(level), line);
}

}  // namespace atonce
