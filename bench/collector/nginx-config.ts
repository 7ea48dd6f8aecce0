import { ACCESS_LOG_FIELDS, type AccessLogField } from '../../pipeline/contracts/access-log.ts';

/** Where Nginx takes the fields from whose variable is not named like them. */
const VARIABLES: Partial<Record<AccessLogField, string>> = {
  time: '$time_iso8601',
  size: '$body_bytes_sent',
  method: '$request_method',
  referer: '$http_referer',
  user_agent: '$http_user_agent',
  accept_language: '$http_accept_language',
  cookies: '$http_cookie',
  x_forwarded_for: '$http_x_forwarded_for',
  content_type: '$http_content_type',
  origin: '$http_origin',
  network_userid: '$cookie_sp',
  sp_anonymous: '$http_sp_anonymous',
  partition_key: '$arg_duid',
};

/**
 * One worker that answers the tracker's GETs with a pixel and logs them as the pipeline wants it: what the collector is compared
 * with. Not for use: POST bodies, cookies and redirects are left out.
 */
export function nginxConfig({ home, port }: { home: string; port: number }): string {
  const fields = ACCESS_LOG_FIELDS.map((name) => `"${name}":"${variable(name)}"`).join(',');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${home}/${kind};`,
  );
  return `daemon off;
master_process off;
worker_processes 1;
pid ${home}/nginx.pid;
error_log ${home}/error.log;
events { worker_connections 1024; }
http {
${temporary.join('\n')}
  large_client_header_buffers 8 40k;
  keepalive_requests 1000000000;
  log_format tracking escape=json '{${fields}}';
  access_log ${home}/access.log tracking;
  server {
    listen 127.0.0.1:${port};
    server_name localhost;
    location / { empty_gif; }
  }
}
`;
}

function variable(name: AccessLogField): string {
  return VARIABLES[name] ?? (name.startsWith('sec_ch_') ? `$http_${name}` : `$${name}`);
}
