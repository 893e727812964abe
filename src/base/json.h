// JSON in and out: the only door to the JSON libraries (simdjson reads, RapidJSON writes).
//
// Reading keeps every value's exact source text, so that what a model or caller wrote can be handed
// on verbatim: 3.0 stays 3.0 and a long integer keeps its digits. The whole text is checked on
// parsing (UTF-8, syntax, depth, nothing after the value), so a View never meets an error.
//
// Thread safety: a Document and its Views may be read from many threads; a Writer is one thread's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace atonce::json {

enum class Kind { null, boolean, number, string, array, object };

struct Limits {
  std::size_t max_bytes = std::size_t{64} << 20;
  std::size_t max_depth = 128;
};

struct Member;

namespace detail {
struct Tree;
}

// One value of a Document, which must outlive it. Accessors of the wrong kind return nothing.
class View {
 public:
  View(const detail::Tree& tree, std::size_t node) : tree_(&tree), node_(node) {}

  [[nodiscard]] Kind kind() const;
  [[nodiscard]] bool is(Kind kind) const { return this->kind() == kind; }
  [[nodiscard]] std::string_view raw() const;  // the exact source text, without surrounding blanks

  [[nodiscard]] std::optional<std::string_view> as_string() const;  // unescaped
  [[nodiscard]] std::optional<bool> as_bool() const;
  [[nodiscard]] std::optional<double> as_double() const;
  // An integer, also one written as a float (3.0) or as a string of digits, as proto3 JSON may.
  [[nodiscard]] std::optional<std::int64_t> as_int64() const;

  // The member `key`; the last one if there are several. Nothing for other kinds than objects.
  [[nodiscard]] std::optional<View> find(std::string_view key) const;
  // The first of two spellings that is there and not null (proto3 JSON: camelCase or snake_case).
  [[nodiscard]] std::optional<View> find_either(std::string_view key, std::string_view other) const;

  [[nodiscard]] std::vector<View> items() const;      // an array's elements; else empty
  [[nodiscard]] std::vector<Member> members() const;  // an object's members in order; else empty

 private:
  const detail::Tree* tree_;
  std::size_t node_;
};

struct Member {
  std::string_view key;  // unescaped
  View value;
};

// A parsed text and its tree.
class Document final {
 public:
  // Errors: bad_input, with what is wrong (not JSON, too large, too deep) and where.
  [[nodiscard]] static Result<Document> parse(std::string_view text, const Limits& limits = {});

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  [[nodiscard]] View root() const;

 private:
  explicit Document(std::unique_ptr<detail::Tree> tree);
  std::unique_ptr<detail::Tree> tree_;
};

// Writes one JSON text. Calls must come in an order that makes valid JSON (a bug of ours
// otherwise).
class Writer final {
 public:
  Writer();
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view key);
  Writer& string(std::string_view text);  // bytes that are not UTF-8 become U+FFFD
  Writer& integer(std::int64_t value);
  Writer& number(double value);  // shortest form; not finite: "NaN", "Infinity", "-Infinity"
  Writer& boolean(bool value);
  Writer& null();
  Writer& raw(std::string_view json);  // must be valid JSON; is written as it is

  [[nodiscard]] std::string take();  // what was written; the writer is then empty

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// `text` as a JSON string, quotes included.
[[nodiscard]] std::string quoted(std::string_view text);

// `text` with every byte that is not UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string to_valid_utf8(std::string_view text);

}  // namespace atonce::json
