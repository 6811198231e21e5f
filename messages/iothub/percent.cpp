#include "messages/iothub/percent.hpp"

#include "messages/mqtt/utf8.hpp"

namespace tidegate {

namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";

bool unreserved(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
         || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'
         || c == '~';
}

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return -1;
}

/// Decodes the escapes that follow each other at the front of `text` into
/// `run`; returns how many bytes of `text` they are.
std::size_t read_escapes(std::string_view text, std::string& run) {
  std::size_t at = 0;
  while (at + 2 < text.size() && text[at] == '%') {
    const auto high = hex_value(text[at + 1]);
    const auto low = hex_value(text[at + 2]);
    if (high < 0 || low < 0)
      break;
    run.push_back(static_cast<char>(high << 4 | low));
    at += 3;
  }
  return at;
}

std::string decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  std::string run;
  while (!text.empty()) {
    if (text[0] != '%') {
      out.push_back(plus_is_space && text[0] == '+' ? ' ' : text[0]);
      text.remove_prefix(1);
      continue;
    }
    run.clear();
    auto used = read_escapes(text, run);
    if (used == 0) {
      used = 1;
      out.push_back('%');
    } else {
      out.append(valid_utf8(run) ? std::string_view{run}
                                 : text.substr(0, used));
    }
    text.remove_prefix(used);
  }
  return out;
}

} // namespace

void percent_encode(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved(byte)) {
      out.push_back(c);
    } else {
      const char escape[]
        = {'%', hex_digits[byte >> 4], hex_digits[byte & 0x0fu]};
      out.append(escape, sizeof escape);
    }
  }
}

std::string percent_encode(std::string_view text) {
  std::string out;
  percent_encode(out, text);
  return out;
}

std::string percent_decode(std::string_view text) {
  return decode(text, false);
}

std::string form_decode(std::string_view text) { return decode(text, true); }

} // namespace tidegate
