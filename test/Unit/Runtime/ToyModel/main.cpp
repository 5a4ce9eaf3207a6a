#include "ToyModel.h"
#include <cstdio>

// toy-model OUT: writes the artifact of the toy model.
int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  auto status = ph::toy::write(argv[1]);
  if (status)
    std::fprintf(stderr, "%s\n", status.error().message.c_str());
  return status ? int(status.error().code) : 0;
}
