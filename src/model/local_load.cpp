#include "model/local_load.h"

#include <llama.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <system_error>

#include "model/local_host.h"
#include "model/local_log.h"

namespace atonce::model {
namespace {

// The context, buffers and the program itself.
constexpr std::uint64_t kWorkingMemoryBytes = 400'000'000;

Result<std::uint64_t> check_file(const std::filesystem::path& path) {
  std::error_code error;
  const std::uint64_t size = std::filesystem::file_size(path, error);
  if (error) {
    return failure(ErrorCode::not_found,
                   "no model file at " + path.string() + ": " + error.message(),
                   "fetch the embedded model with `make model`");
  }
  std::ifstream file(path, std::ios::binary);
  std::array<char, 4> magic{};
  if (!file.read(magic.data(), magic.size()) || std::string_view(magic.data(), 4) != "GGUF") {
    return failure(ErrorCode::bad_input, path.string() + " is not a GGUF model file",
                   "`make model` fetches the embedded model, and mends a damaged one");
  }
  return size;
}

Result<void> check_memory(const std::filesystem::path& path, std::uint64_t size) {
  const auto available = read_available_memory_bytes();
  const std::uint64_t needed = size + kWorkingMemoryBytes;
  if (!available || *available >= needed) return {};
  const auto megabytes = [](std::uint64_t bytes) { return std::to_string(bytes / 1'000'000); };
  return failure(ErrorCode::unavailable,
                 "the model " + path.filename().string() + " needs " + megabytes(needed) +
                     " MB of memory, and " + megabytes(*available) + " MB are free",
                 "close something, or take the smaller model: `tools/fetch_model.py --low-memory` "
                 "prints its path, "
                 "for `--model local:PATH`");
}

bool is_aborted(void* flag) { return static_cast<const std::atomic<bool>*>(flag)->load(); }

}  // namespace

void ReleaseModel::operator()(llama_model* model) const { llama_model_free(model); }
void ReleaseModel::operator()(llama_context* context) const { llama_free(context); }

Result<ModelHandle> load_model(const std::filesystem::path& path,
                               const std::function<void(std::string_view)>& on_log) {
  const auto size = check_file(path);
  if (!size) return std::unexpected(size.error());
  if (auto room = check_memory(path, *size); !room) return std::unexpected(room.error());
  const LogCapture log(on_log);
  llama_model_params params = llama_model_default_params();
  params.load_mode = LLAMA_LOAD_MODE_MMAP;
  ModelHandle model(llama_model_load_from_file(path.c_str(), params));
  if (model) return model;
  return failure(ErrorCode::bad_input,
                 "the model file " + path.string() + " cannot be loaded: " + log.first_error(),
                 "it may be damaged: `make model` checks the embedded model and mends it");
}

Result<ContextHandle> open_context(llama_model& model, std::size_t context_tokens,
                                   std::atomic<bool>& is_cancelled,
                                   const std::function<void(std::string_view)>& on_log) {
  const LogCapture log(on_log);
  llama_context_params params = llama_context_default_params();
  params.n_ctx = static_cast<std::uint32_t>(context_tokens);
  params.n_batch = kBatchTokens;
  params.n_ubatch = kBatchTokens;
  params.n_seq_max = 2;
  params.kv_unified = true;
  params.abort_callback = is_aborted;
  params.abort_callback_data = &is_cancelled;
  params.no_perf = true;
  ContextHandle context(llama_init_from_model(&model, params));
  if (context) return context;
  return failure(ErrorCode::unavailable, "no room for the model's context: " + log.first_error(),
                 "close something that uses much memory, or ask for a smaller context");
}

}  // namespace atonce::model
