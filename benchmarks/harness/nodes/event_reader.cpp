#include "benchmarks/harness/nodes/event_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/json/parse.hpp>

namespace tidegate::harness {

namespace {

constexpr std::size_t read_size = 262'144;

} // namespace

std::string event_body(std::string_view line) {
  boost::system::error_code bad;
  const auto value = boost::json::parse({line.data(), line.size()}, bad);
  if (bad || !value.is_object())
    return {};
  const auto* const body = value.as_object().if_contains("body");
  return body && body->is_string() ? std::string{body->as_string()}
                                   : std::string{};
}

std::string event_reader::start(const std::vector<std::string>& arguments,
                                const std::filesystem::path& log) {
  int output = -1;
  auto why = command_.start_reading(arguments, log, output);
  if (why.empty()) {
    pipe_.assign(output);
    read();
  }
  return why;
}

void event_reader::read() {
  text_.resize(filled_ + read_size);
  pipe_.async_read_some(
    boost::asio::buffer(text_.data() + filled_, read_size),
    [this](boost::system::error_code bad, std::size_t count) {
      if (bad == boost::asio::error::operation_aborted)
        return;
      if (bad) {
        ended_ = true;
        return;
      }
      filled_ += count;
      take_lines();
      read();
    });
}

void event_reader::take_lines() {
  const std::string_view all{text_.data(), filled_};
  std::size_t begin = 0;
  for (auto end = all.find('\n'); end != std::string_view::npos;
       end = all.find('\n', begin)) {
    ++count_;
    on_event_(event_body(all.substr(begin, end - begin)));
    begin = end + 1;
  }
  text_.erase(0, begin);
  filled_ -= begin;
}

} // namespace tidegate::harness
