#pragma once

#include <string>
#include <string_view>

namespace tidegate {

/// For OpenSSL, wherever it reads PEM: there is nobody who could type a pass
/// phrase, and its own callback would wait at the terminal for ever, also for
/// what a client has sent. What needs one cannot be read.
int no_pass_phrase(char* into, int size, int writing, void* context);

/// What to tell of a private key in `pem` that needs a pass phrase; empty when
/// it needs none, or is none.
std::string pass_phrase_fault(std::string_view pem);

} // namespace tidegate
