#include "process/frame.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <bit>
#include <cerrno>
#include <cstring>

namespace atonce::process {
namespace {

static_assert(std::endian::native == std::endian::little,
              "frames are written as memory holds them");

constexpr std::size_t kHeadBytes = 1 + sizeof(std::uint32_t);

void append_number(std::string& bytes, std::size_t value) {
  const auto number = static_cast<std::uint32_t>(value);
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

std::uint32_t read_number(const char* bytes) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

Error gone() { return {ErrorCode::unavailable, "the other process is gone"}; }

// Fills `size` bytes.
Result<void> read_all(int fd, char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t count = recv(fd, bytes, size, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::unexpected(gone());
    bytes += count;
    size -= static_cast<std::size_t>(count);
  }
  return {};
}

std::string encode(FrameKind kind, const std::vector<std::string_view>& fields) {
  std::string bytes(1, static_cast<char>(kind));
  append_number(bytes, fields.size());
  for (const std::string_view field : fields) append_number(bytes, field.size());
  for (const std::string_view field : fields) bytes += field;
  return bytes;
}

}  // namespace

Result<void> write_frame(int fd, FrameKind kind, const std::vector<std::string_view>& fields) {
  const std::string bytes = encode(kind, fields);
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t count = send(fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::unexpected(gone());
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<Frame> read_frame(int fd) {
  char head[kHeadBytes];
  if (auto read = read_all(fd, head, sizeof head); !read) {
    return std::unexpected(read.error());
  }
  const std::size_t count = read_number(head + 1);
  if (count > kMostFields) return failure(ErrorCode::bad_response, "no frame: too many fields");
  std::vector<char> lengths(count * sizeof(std::uint32_t));
  if (auto read = read_all(fd, lengths.data(), lengths.size()); !read) {
    return std::unexpected(read.error());
  }
  Frame frame{.kind = static_cast<FrameKind>(head[0])};
  std::size_t total = 0;
  for (std::size_t at = 0; at < count; ++at) {
    const std::size_t length = read_number(lengths.data() + at * sizeof(std::uint32_t));
    total += length;
    if (total > kMostFrameBytes) return failure(ErrorCode::bad_response, "no frame: too long");
    std::string& field = frame.fields.emplace_back(length, '\0');
    if (auto read = read_all(fd, field.data(), length); !read) {
      return std::unexpected(read.error());
    }
  }
  return frame;
}

namespace {

// A message of one byte that carries a descriptor.
class Envelope {
 public:
  Envelope() {
    message.msg_iov = &content_;
    message.msg_iovlen = 1;
    message.msg_control = control_;
    message.msg_controllen = sizeof control_;
  }
  Envelope(const Envelope&) = delete;
  Envelope& operator=(const Envelope&) = delete;

  msghdr message{};

 private:
  char byte_ = 0;
  iovec content_{.iov_base = &byte_, .iov_len = 1};
  alignas(cmsghdr) char control_[CMSG_SPACE(sizeof(int))] = {};
};

}  // namespace

Result<void> write_descriptor(int fd, int passed) {
  Envelope envelope;
  cmsghdr* const head = CMSG_FIRSTHDR(&envelope.message);
  head->cmsg_level = SOL_SOCKET;
  head->cmsg_type = SCM_RIGHTS;
  head->cmsg_len = CMSG_LEN(sizeof passed);
  std::memcpy(CMSG_DATA(head), &passed, sizeof passed);
  for (;;) {
    const ssize_t count = sendmsg(fd, &envelope.message, MSG_NOSIGNAL);
    if (count == 1) return {};
    if (count < 0 && errno == EINTR) continue;
    return std::unexpected(gone());
  }
}

Result<int> read_descriptor(int fd) {
  Envelope envelope;
  ssize_t count = 0;
  while ((count = recvmsg(fd, &envelope.message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  const cmsghdr* const head = count == 1 ? CMSG_FIRSTHDR(&envelope.message) : nullptr;
  if (head == nullptr || head->cmsg_type != SCM_RIGHTS) return std::unexpected(gone());
  int passed = -1;
  std::memcpy(&passed, CMSG_DATA(head), sizeof passed);
  return passed;
}

}  // namespace atonce::process
