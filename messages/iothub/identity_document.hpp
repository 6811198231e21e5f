#pragma once

#include "messages/identity.hpp"

#include <boost/json/object.hpp>
#include <optional>
#include <string>

namespace tidegate {

/// An identity in the JSON of the hub's registry calls: `deviceId`,
/// `moduleId`, `authentication` (`sas`, `selfSigned`, `certificateAuthority` or
/// `none`, with keys or thumbprints), `status`, `capabilities`, `deviceScope`,
/// `parentScopes`, ... Also the form it is stored in.
boost::json::object identity_document(const identity& value);

/// Reads that form. What is missing keeps its default; keys may be missing.
/// On a bad document returns nothing and names the field in `why`.
std::optional<identity> parse_identity_document(const boost::json::object& in,
                                                std::string& why);

/// The scope text of an edge device: `ms-azure-iot-edge://{id}-{generation}`.
std::string device_scope(const std::string& edge_device,
                         const std::string& generation);

/// True for an id that a hub accepts: 1 to 128 characters of
/// `A-Z a-z 0-9 - : . + % _ # * ? ! ( ) , = @ $ '`.
bool valid_id(std::string_view id);

} // namespace tidegate
