#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <rapidcheck.h>

/// A small object: few names, so that documents meet; nested up to `depth`
/// levels; with nulls when it is to be a patch.
inline boost::json::object any_object(bool with_nulls, int depth = 3) {
  boost::json::object made;
  for (const char* name : {"a", "b", "c"}) {
    switch (*rc::gen::inRange(0, depth > 0 ? 5 : 4)) {
    case 0:
    case 1:
      break;
    case 2:
      made[name] = *rc::gen::inRange(0, 3);
      break;
    case 3:
      if (with_nulls)
        made[name] = nullptr;
      break;
    default:
      made[name] = any_object(with_nulls, depth - 1);
    }
  }
  return made;
}

/// The object without its nulls, at every level.
inline boost::json::object without_nulls(const boost::json::object& from) {
  boost::json::object made;
  for (const auto& [key, value] : from) {
    if (const auto* inner = value.if_object())
      made[key] = without_nulls(*inner);
    else if (!value.is_null())
      made[key] = value;
  }
  return made;
}
