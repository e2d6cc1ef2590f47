"""Rehearses the hand-over of an App Key on the developer's machine: `send` plays ManyChat, `listen` the endpoint."""
