# ONNX's messages, as C++: the .proto comes with PyPI's onnx, protoc from Debian. Defines ph_onnx_messages.
find_package(Protobuf REQUIRED)
execute_process(COMMAND ${CMAKE_SOURCE_DIR}/utils/setup_python.sh COMMAND_ERROR_IS_FATAL ANY)
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
             ${CMAKE_SOURCE_DIR}/utils/python_packages.txt)
set(PH_PYTHON_PACKAGES ${CMAKE_SOURCE_DIR}/.cache/python)

set(folder ${CMAKE_BINARY_DIR}/include/onnx)
file(MAKE_DIRECTORY ${folder})
add_custom_command(
  OUTPUT ${folder}/onnx-ml.pb.cc ${folder}/onnx-ml.pb.h
  COMMAND ${Protobuf_PROTOC_EXECUTABLE} --cpp_out=lite:${folder} -I ${PH_PYTHON_PACKAGES}/onnx onnx-ml.proto
  DEPENDS ${PH_PYTHON_PACKAGES}/onnx/onnx-ml.proto
  VERBATIM)
add_library(ph_onnx_messages STATIC ${folder}/onnx-ml.pb.cc ${folder}/onnx-ml.pb.h)
target_include_directories(ph_onnx_messages SYSTEM PUBLIC ${folder} ${Protobuf_INCLUDE_DIRS})
target_compile_options(ph_onnx_messages PRIVATE -w)
target_link_libraries(ph_onnx_messages PUBLIC ${Protobuf_LITE_LIBRARIES})
