"""Say at once whether data fits the App JSON schema, and which keys it knows; nothing is explained here.

Generated from schemas/app.schema.json with fastjsonschema: change the schema, not this file, and run
`python tests/tools/make_accept.py`. A test makes it again and compares.
"""
# fmt: off
# ruff: noqa  (generated: its style is the generator's)
# mypy: ignore-errors
# (the generator looks at types through variables that mypy does not follow)

from types import NoneType
from typing import Any, NamedTuple


class Place(NamedTuple):
    """An object that the schema knows: its keys with their types, those that must be there, those that hold places.

    A child is (key, place, whether the key holds an array of them).
    """

    types: dict[str, tuple[type, ...]]
    required: tuple[str, ...]
    children: tuple[tuple[str, str, bool], ...]


def accept(data: object, place: str = "app") -> bool:
    """Whether `data` fits the schema of `place`, a key of PLACES: app, auth, request, action, ..."""
    try:
        _CHECKS[place](data)
    except _Refused:
        return False
    return True


class _Refused(Exception):
    pass


def _app(data: Any) -> None:
    if not isinstance(data, dict):
        raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['actions']) - data.keys()
        if data__missing_keys:
            raise _Refused
        data_keys = data
        if 'auth' in data_keys:
            data__auth = data['auth']
            _auth(data__auth)
        if 'actions' in data_keys:
            data__actions = data['actions']
            if not isinstance(data__actions, list):
                raise _Refused
            data__actions_is_list = isinstance(data__actions, list)
            if data__actions_is_list:
                data__actions_len = len(data__actions)
                if data__actions_len < 1:
                    raise _Refused
                for data__actions_x, data__actions_item in enumerate(data__actions):
                    _action(data__actions_item)
        if 'sources' in data_keys:
            data__sources = data['sources']
            if not isinstance(data__sources, list):
                raise _Refused
            data__sources_is_list = isinstance(data__sources, list)
            if data__sources_is_list:
                data__sources_len = len(data__sources)
                for data__sources_x, data__sources_item in enumerate(data__sources):
                    _source(data__sources_item)
        if 'triggers' in data_keys:
            data__triggers = data['triggers']
            if not isinstance(data__triggers, list):
                raise _Refused
            data__triggers_is_list = isinstance(data__triggers, list)
            if data__triggers_is_list:
                data__triggers_len = len(data__triggers)
                for data__triggers_x, data__triggers_item in enumerate(data__triggers):
                    _trigger(data__triggers_item)


def _trigger(data: Any) -> None:
    if not isinstance(data, dict):
        raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['name']) - data.keys()
        if data__missing_keys:
            raise _Refused
        data_keys = data
        if 'name' in data_keys:
            data__name = data['name']
            if not isinstance(data__name, str):
                raise _Refused
        if 'title' in data_keys:
            data__title = data['title']
            if not isinstance(data__title, str):
                raise _Refused
        if 'description' in data_keys:
            data__description = data['description']
            if not isinstance(data__description, str):
                raise _Refused
        if 'context' in data_keys:
            data__context = data['context']
            if not isinstance(data__context, list):
                raise _Refused
            data__context_is_list = isinstance(data__context, list)
            if data__context_is_list:
                data__context_len = len(data__context)
                for data__context_x, data__context_item in enumerate(data__context):
                    _contextfield(data__context_item)


def _contextfield(data: Any) -> None:
    if not isinstance(data, dict):
        raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['name']) - data.keys()
        if data__missing_keys:
            raise _Refused
        data_keys = data
        if 'name' in data_keys:
            data__name = data['name']
            if not isinstance(data__name, str):
                raise _Refused
        if 'type' in data_keys:
            data__type = data['type']
            if not isinstance(data__type, str):
                raise _Refused
        if 'title' in data_keys:
            data__title = data['title']
            if not isinstance(data__title, str):
                raise _Refused


def _source(data: Any) -> None:
    if not isinstance(data, dict):
        raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['name']) - data.keys()
        if data__missing_keys:
            raise _Refused
        data_keys = data
        if 'name' in data_keys:
            data__name = data['name']
            if not isinstance(data__name, str):
                raise _Refused
        if 'type' in data_keys:
            data__type = data['type']
            if not isinstance(data__type, str):
                raise _Refused
        if 'list' in data_keys:
            data__list = data['list']
    try:
        data_is_dict = isinstance(data, dict)
        if data_is_dict:
            data__missing_keys = set(['type']) - data.keys()
            if data__missing_keys:
                raise _Refused
            data_keys = data
            if 'type' in data_keys:
                data__type = data['type']
                if not (isinstance(data__type, str) and data__type == 'enum:static'):
                    raise _Refused
    except _Refused:
        pass
    else:
        data_is_dict = isinstance(data, dict)
        if data_is_dict:
            data_keys = data
            if 'list' in data_keys:
                data__list = data['list']
                if not isinstance(data__list, list):
                    raise _Refused
                data__list_is_list = isinstance(data__list, list)
                if data__list_is_list:
                    data__list_len = len(data__list)
                    for data__list_x, data__list_item in enumerate(data__list):
                        _choice(data__list_item)


def _choice(data: Any) -> None:
    if not isinstance(data, dict):
        raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = data
        if 'key' in data_keys:
            data__key = data['key']
            if not isinstance(data__key, (str, int, float, bool)):
                raise _Refused
        if 'value' in data_keys:
            data__value = data['value']
            if not isinstance(data__value, (str, int, float, bool)):
                raise _Refused


def _action(data: Any) -> None:
    if not isinstance(data, dict):
        raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['name', 'title', 'requests']) - data.keys()
        if data__missing_keys:
            raise _Refused
        data_keys = data
        if 'name' in data_keys:
            data__name = data['name']
            if not isinstance(data__name, str):
                raise _Refused
        if 'title' in data_keys:
            data__title = data['title']
            if not isinstance(data__title, str):
                raise _Refused
        if 'description' in data_keys:
            data__description = data['description']
            if not isinstance(data__description, str):
                raise _Refused
        if 'guidance' in data_keys:
            data__guidance = data['guidance']
            if not isinstance(data__guidance, str):
                raise _Refused
        if 'forms' in data_keys:
            data__forms = data['forms']
            if not isinstance(data__forms, list):
                raise _Refused
            data__forms_is_list = isinstance(data__forms, list)
            if data__forms_is_list:
                data__forms_len = len(data__forms)
                for data__forms_x, data__forms_item in enumerate(data__forms):
                    _form(data__forms_item)
        if 'requests' in data_keys:
            data__requests = data['requests']
            if not isinstance(data__requests, list):
                raise _Refused
            data__requests_is_list = isinstance(data__requests, list)
            if data__requests_is_list:
                data__requests_len = len(data__requests)
                if data__requests_len < 1:
                    raise _Refused
                for data__requests_x, data__requests_item in enumerate(data__requests):
                    _request(data__requests_item)


def _request(data: Any) -> None:
    if not isinstance(data, dict):
        raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['url']) - data.keys()
        if data__missing_keys:
            raise _Refused
        data_keys = data
        if 'url' in data_keys:
            data__url = data['url']
            if not isinstance(data__url, str):
                raise _Refused
        if 'method' in data_keys:
            data__method = data['method']
            if not isinstance(data__method, str):
                raise _Refused
        if 'headers' in data_keys:
            data__headers = data['headers']
            _headerlines(data__headers)
        if 'mapping' in data_keys:
            data__mapping = data['mapping']
            if not isinstance(data__mapping, list):
                raise _Refused
            data__mapping_is_list = isinstance(data__mapping, list)
            if data__mapping_is_list:
                data__mapping_len = len(data__mapping)
                for data__mapping_x, data__mapping_item in enumerate(data__mapping):
                    _mapping(data__mapping_item)
        if 'payload' in data_keys:
            data__payload = data['payload']
            if not isinstance(data__payload, (dict, list, NoneType)):
                raise _Refused


def _mapping(data: Any) -> None:
    if not isinstance(data, dict):
        raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['name']) - data.keys()
        if data__missing_keys:
            raise _Refused
        data_keys = data
        if 'name' in data_keys:
            data__name = data['name']
            if not isinstance(data__name, str):
                raise _Refused
        if 'path' in data_keys:
            data__path = data['path']
            if not isinstance(data__path, str):
                raise _Refused
        if 'type' in data_keys:
            data__type = data['type']
            if not isinstance(data__type, str):
                raise _Refused
        if 'title' in data_keys:
            data__title = data['title']
            if not isinstance(data__title, str):
                raise _Refused


def _headerlines(data: Any) -> None:
    if not isinstance(data, list):
        raise _Refused
    data_is_list = isinstance(data, list)
    if data_is_list:
        data_len = len(data)
        for data_x, data_item in enumerate(data):
            if not isinstance(data_item, str):
                raise _Refused


def _form(data: Any) -> None:
    if not isinstance(data, dict):
        raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['name']) - data.keys()
        if data__missing_keys:
            raise _Refused
        data_keys = data
        if 'name' in data_keys:
            data__name = data['name']
            if not isinstance(data__name, str):
                raise _Refused
        if 'type' in data_keys:
            data__type = data['type']
            if not isinstance(data__type, str):
                raise _Refused
        if 'title' in data_keys:
            data__title = data['title']
            if not isinstance(data__title, str):
                raise _Refused
        if 'source' in data_keys:
            data__source = data['source']
            if not isinstance(data__source, str):
                raise _Refused
        if 'default' in data_keys:
            data__default = data['default']


def _auth(data: Any) -> None:
    if not isinstance(data, (dict, NoneType)):
        raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = data
        if 'type' in data_keys:
            data__type = data['type']
            if not isinstance(data__type, str):
                raise _Refused
        if 'params' in data_keys:
            data__params = data['params']
            if not isinstance(data__params, list):
                raise _Refused
            data__params_is_list = isinstance(data__params, list)
            if data__params_is_list:
                data__params_len = len(data__params)
                for data__params_x, data__params_item in enumerate(data__params):
                    _param(data__params_item)
        if 'connection' in data_keys:
            data__connection = data['connection']
            _connection(data__connection)
        if 'request' in data_keys:
            data__request = data['request']
            _request(data__request)


def _connection(data: Any) -> None:
    if not isinstance(data, (dict, list)):
        raise _Refused
    data_is_list = isinstance(data, list)
    if data_is_list:
        data_len = len(data)
        if data_len > 0:
            raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = data
        if 'headers' in data_keys:
            data__headers = data['headers']
            _namevalues(data__headers)
        if 'qs' in data_keys:
            data__qs = data['qs']
            _namevalues(data__qs)


def _namevalues(data: Any) -> None:
    if not isinstance(data, dict):
        raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data_keys = data
        for data_key in data_keys:
            if data_key not in []:
                data_value = data.get(data_key)
                if not isinstance(data_value, (str, int, float, bool)):
                    raise _Refused


def _param(data: Any) -> None:
    if not isinstance(data, dict):
        raise _Refused
    data_is_dict = isinstance(data, dict)
    if data_is_dict:
        data__missing_keys = set(['name']) - data.keys()
        if data__missing_keys:
            raise _Refused
        data_keys = data
        if 'name' in data_keys:
            data__name = data['name']
            if not isinstance(data__name, str):
                raise _Refused
        if 'title' in data_keys:
            data__title = data['title']
            if not isinstance(data__title, str):
                raise _Refused


_CHECKS = {
    'app': _app,
    'auth': _auth,
    'param': _param,
    'connection': _connection,
    'request': _request,
    'mapping': _mapping,
    'action': _action,
    'form': _form,
    'source': _source,
    'choice': _choice,
    'trigger': _trigger,
    'contextField': _contextfield,
}

PLACES = {
    'app': Place({'auth': (dict, NoneType), 'actions': (list,), 'sources': (list,), 'triggers': (list,)}, ('actions',), (('auth', 'auth', False), ('actions', 'action', True), ('sources', 'source', True), ('triggers', 'trigger', True))),
    'auth': Place({'type': (str,), 'params': (list,), 'connection': (dict, list), 'request': (dict,)}, (), (('params', 'param', True), ('connection', 'connection', False), ('request', 'request', False))),
    'param': Place({'name': (str,), 'title': (str,)}, ('name',), ()),
    'connection': Place({'headers': (dict,), 'qs': (dict,)}, (), ()),
    'request': Place({'url': (str,), 'method': (str,), 'headers': (list,), 'mapping': (list,), 'payload': (dict, list, NoneType)}, ('url',), (('mapping', 'mapping', True),)),
    'mapping': Place({'name': (str,), 'path': (str,), 'type': (str,), 'title': (str,)}, ('name',), ()),
    'action': Place({'name': (str,), 'title': (str,), 'description': (str,), 'guidance': (str,), 'forms': (list,), 'requests': (list,)}, ('name', 'title', 'requests'), (('forms', 'form', True), ('requests', 'request', True))),
    'form': Place({'name': (str,), 'type': (str,), 'title': (str,), 'source': (str,), 'default': (dict, list, str, int, float, bool, NoneType)}, ('name',), ()),
    'source': Place({'name': (str,), 'type': (str,), 'list': (list,)}, ('name',), (('list', 'choice', True),)),
    'choice': Place({'key': (str, int, float, bool), 'value': (str, int, float, bool)}, (), ()),
    'trigger': Place({'name': (str,), 'title': (str,), 'description': (str,), 'context': (list,)}, ('name',), (('context', 'contextField', True),)),
    'contextField': Place({'name': (str,), 'type': (str,), 'title': (str,)}, ('name',), ()),
}
