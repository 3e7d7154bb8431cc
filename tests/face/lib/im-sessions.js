// IM sessions as notifications and the server's list bring them, and how tests look at a list of them.

export const ALL = ["Complete", "AttachUserData", "DeleteUserData", "UpdateUserData", "SendMessage"];
export const path = (id) => `/im-sessions/${id}`;
export const participant = (number) => ({ digits: number, e164Number: number, formattedPhoneNumber: number, phoneNumber: number });
export const resource = (id, members) => ({ id, path: path(id), state: "Talking", capabilities: [...ALL], participants: [participant("3002")], userData: { favColor: "blue" }, ...members });
export const without = (name, { [name]: _, ...rest }) => rest;
export const ids = (sessions) => sessions.map(({ id }) => id);
export const shown = (log) => log.map(({ text, gap }) => (gap ? "gap" : text));
